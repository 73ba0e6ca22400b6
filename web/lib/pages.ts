/** The pages that one goes to, with those that only some roles may see. */
import { CalendarClock, CircleUserRound, Film, FolderKey, Group, KeyRound, MapPin, MonitorCog, Radio, ScrollText, Server, SquareTerminal, UserRound } from "lucide-react";
import type { ComponentType } from "react";
import type { Role } from "@/lib/api/schema";
import { routes } from "@/lib/routes";

export interface Page {
  label: string;
  href: string;
  icon: ComponentType<{ className?: string; "aria-hidden"?: boolean }>;
  /** What it belongs to. */
  part?: string;
}

const WORK: Page[] = [
  { label: "My targets", href: routes.targets(), icon: Server },
  { label: "Sessions", href: routes.sessions(), icon: SquareTerminal },
  { label: "Recordings", href: routes.recordings(), icon: Film },
];
const AUDIT: Page = { label: "Audit", href: routes.audit(), icon: ScrollText };
const EVENTS: Page = { label: "Audit events", href: routes.events(), icon: CalendarClock };
const ACCOUNT: Page = { label: "Your account", href: routes.account(), icon: CircleUserRound };

/** The navigation's first part. */
export const workPages = (role: Role): Page[] => (role === "user" ? WORK : [...WORK, AUDIT]);

const part = "Administration";
export const ADMIN_PAGES: Page[] = [
  { label: "Zones", href: routes.zones(), icon: MapPin, part },
  { label: "Satellites", href: routes.satellites(), icon: Radio, part },
  { label: "Targets", href: routes.adminTargets(), icon: MonitorCog, part },
  { label: "Credentials", href: routes.credentials(), icon: KeyRound, part },
  { label: "Users", href: routes.users(), icon: UserRound, part },
  { label: "Groups", href: routes.groups(), icon: Group, part },
  { label: "Grants", href: routes.grants(), icon: FolderKey, part },
];

/** All that this role may see. */
export const pagesFor = (role: Role): Page[] => [
  ...workPages(role),
  ...(role === "user" ? [] : [EVENTS]),
  ACCOUNT,
  ...(role === "admin" ? ADMIN_PAGES : []),
];
