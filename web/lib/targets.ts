/** Whether a target can be opened from these pages. */
import type { GrantedTarget } from "@/lib/api/schema";

/** Why it cannot at all; `null` where it can. */
export function obstacle(target: GrantedTarget): string | null {
  if (target.protocol !== "ssh") return "Only shells can be opened here, no desktops";
  if (target.credentials.length === 0) return "No credential is stored for this target. Ask an administrator to add one";
  return null;
}

export const isOpenable = (target: GrantedTarget): boolean => obstacle(target) === null;

/** Host and port as one types them: an IPv6 address in brackets. */
export const machineAddress = ({ hostname, port }: { hostname: string; port: number }): string => (hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`);
