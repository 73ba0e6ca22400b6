/** Whether a target can be opened from these pages. */
import type { GrantedTarget } from "@/lib/api/schema";
import { PROTOCOLS } from "@/lib/attachment/way";
import { routes } from "@/lib/routes";
import { obstacles } from "@/texts/obstacles";

/** Why it cannot at all; `null` where it can. */
export function obstacle(target: GrantedTarget): string | null {
  if (!PROTOCOLS.some((known) => known === target.protocol)) return obstacles.otherProtocol;
  if (target.credentials.length === 0) return obstacles.noCredential;
  return null;
}

export const isOpenable = (target: GrantedTarget): boolean => obstacle(target) === null;

/** Of the page that opens it, as this account of it. */
export const addressOfTarget = ({ id, protocol }: Pick<GrantedTarget, "id" | "protocol">, credential?: string): string => routes.shell(id, { protocol, credential });

/** Host and port as one types them: an IPv6 address in brackets. */
export const machineAddress = ({ hostname, port }: { hostname: string; port: number }): string => (hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`);
