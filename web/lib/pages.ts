/** The pages that one goes to, with those that only some roles may see. */
import { CalendarClock, CalendarDays, CircleHelp, CircleUserRound, Film, FolderKey, Group, KeyRound, MapPin, MonitorCog, Network, Radio, ScrollText, Send, Server, SquareTerminal, Unplug, UserRound } from "lucide-react";
import type { ComponentType } from "react";
import type { Role } from "@/lib/api/schema";
import { routes } from "@/lib/routes";
import { pages } from "@/texts/pages";

export interface Page {
  label: string;
  href: string;
  icon: ComponentType<{ className?: string; "aria-hidden"?: boolean }>;
  /** What it belongs to. */
  part?: string;
}

const WORK: Page[] = [
  { label: pages.myTargets, href: routes.targets(), icon: Server },
  { label: pages.sessions, href: routes.sessions(), icon: SquareTerminal },
  { label: pages.recordings, href: routes.recordings(), icon: Film },
  { label: pages.schedules, href: routes.schedules(), icon: CalendarDays },
];
const AUDIT: Page = { label: pages.audit, href: routes.audit(), icon: ScrollText };
const EVENTS: Page = { label: pages.events, href: routes.events(), icon: CalendarClock };
const OUTAGES: Page = { label: pages.outages, href: routes.outages(), icon: Unplug };
const ACCESS: Page = { label: pages.access, href: routes.access(), icon: CircleHelp };
const BUS: Page = { label: pages.bus, href: routes.bus(), icon: Network };
const COMMANDS: Page = { label: pages.commands, href: routes.commands(), icon: Send };
const ACCOUNT: Page = { label: pages.account, href: routes.account(), icon: CircleUserRound };

/** The navigation's first part. */
export const workPages = (role: Role): Page[] => [...WORK, ...(role === "user" ? [] : [AUDIT]), ...(role === "auditor" ? [COMMANDS, BUS] : [])];

const part = pages.administration;
export const ADMIN_PAGES: Page[] = [
  { label: pages.zones, href: routes.zones(), icon: MapPin, part },
  { label: pages.satellites, href: routes.satellites(), icon: Radio, part },
  { ...COMMANDS, part },
  { label: pages.targets, href: routes.adminTargets(), icon: MonitorCog, part },
  { label: pages.credentials, href: routes.credentials(), icon: KeyRound, part },
  { label: pages.users, href: routes.users(), icon: UserRound, part },
  { label: pages.groups, href: routes.groups(), icon: Group, part },
  { label: pages.grants, href: routes.grants(), icon: FolderKey, part },
  { ...BUS, part },
];

/** All that this role may see. */
export const pagesFor = (role: Role): Page[] => [
  ...workPages(role),
  ...(role === "user" ? [] : [EVENTS, OUTAGES, ACCESS]),
  ACCOUNT,
  ...(role === "admin" ? ADMIN_PAGES : []),
];
