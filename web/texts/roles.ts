/** The roles: what they are called, and what they may do. */
export const roles = {
  user: { word: "User", about: "Opens what was granted, sees their own sessions and recordings." },
  auditor: { word: "Auditor", about: "Reads all sessions, recordings and the audit, changes nothing." },
  admin: { word: "Admin", about: "Keeps everything on these pages, and reads everything." },
};
