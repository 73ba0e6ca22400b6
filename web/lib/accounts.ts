import type { User } from "@/lib/api/schema";

/** Where an account comes from, by its directory id. */
export const isLocal = (user: User): boolean => user.entra_id.startsWith("local:");
