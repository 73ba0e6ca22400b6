/** Whether a target can be opened from these pages. */
import type { GrantedTarget } from "@/lib/api/schema";
import { obstacles } from "@/texts/obstacles";

/** Why it cannot at all; `null` where it can. */
export function obstacle(target: GrantedTarget): string | null {
  if (target.protocol !== "ssh") return obstacles.shellsOnly;
  if (target.credentials.length === 0) return obstacles.noCredential;
  return null;
}

export const isOpenable = (target: GrantedTarget): boolean => obstacle(target) === null;

/** Host and port as one types them: an IPv6 address in brackets. */
export const machineAddress = ({ hostname, port }: { hostname: string; port: number }): string => (hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`);
