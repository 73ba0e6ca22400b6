import type { Role } from "@/lib/api/schema";

/** The roles in words. */
export const ROLES: Record<Role, { word: string; about: string }> = {
  user: { word: "User", about: "Opens what was granted, sees their own sessions and recordings." },
  auditor: { word: "Auditor", about: "Reads all sessions, recordings and the audit, changes nothing." },
  admin: { word: "Admin", about: "Keeps everything on these pages, and reads everything." },
};
