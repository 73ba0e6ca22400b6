import type { Role, User } from "@/lib/api/schema";

/** The roles in words. */
export const ROLES: Record<Role, { word: string; about: string }> = {
  user: { word: "User", about: "Opens what was granted, sees their own sessions and recordings." },
  auditor: { word: "Auditor", about: "Reads all sessions, recordings and the audit, changes nothing." },
  admin: { word: "Admin", about: "Keeps everything on these pages, and reads everything." },
};

/** Where an account comes from, by its directory id. */
export const isLocal = (user: User): boolean => user.entra_id.startsWith("local:");
