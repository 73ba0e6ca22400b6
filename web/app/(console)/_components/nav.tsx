"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { Film, FolderKey, Group, KeyRound, MapPin, MonitorCog, Radio, ScrollText, Server, SquareTerminal, UserRound } from "lucide-react";
import type { ComponentType } from "react";
import type { Role } from "@/lib/api/schema";
import { routes } from "@/lib/routes";
import { cx } from "@/ui/cx";

interface Item {
  label: string;
  href: string;
  icon: ComponentType<{ className?: string; "aria-hidden"?: boolean }>;
}

const WORK: Item[] = [
  { label: "My targets", href: routes.targets(), icon: Server },
  { label: "Sessions", href: routes.sessions(), icon: SquareTerminal },
  { label: "Recordings", href: routes.recordings(), icon: Film },
];
const AUDIT: Item = { label: "Audit", href: routes.audit(), icon: ScrollText };
const ADMIN: Item[] = [
  { label: "Zones", href: routes.zones(), icon: MapPin },
  { label: "Satellites", href: routes.satellites(), icon: Radio },
  { label: "Targets", href: routes.adminTargets(), icon: MonitorCog },
  { label: "Credentials", href: routes.credentials(), icon: KeyRound },
  { label: "Users", href: routes.users(), icon: UserRound },
  { label: "Groups", href: routes.groups(), icon: Group },
  { label: "Grants", href: routes.grants(), icon: FolderKey },
];

function NavItem({ item, onGo }: { item: Item; onGo?: () => void }) {
  const here = usePathname().startsWith(item.href);
  const Icon = item.icon;
  return (
    <li>
      <Link
        href={item.href}
        onClick={onGo}
        aria-current={here ? "page" : undefined}
        className={cx(
          "flex items-center gap-2.5 rounded-md px-2.5 py-1.5 font-medium transition-colors",
          here ? "bg-accent-soft text-accent" : "text-muted hover:bg-hover hover:text-ink",
        )}
      >
        <Icon className="size-4 shrink-0" aria-hidden />
        {item.label}
      </Link>
    </li>
  );
}

/** Only what one's role may see. */
export function Nav({ role, onGo }: { role: Role; onGo?: () => void }) {
  const work = role === "user" ? WORK : [...WORK, AUDIT];
  return (
    <nav aria-label="Pages">
      <ul className="space-y-0.5">{work.map((item) => <NavItem key={item.href} item={item} onGo={onGo} />)}</ul>
      {role === "admin" && (
        <>
          <h2 id="nav-admin" className="mt-6 mb-1.5 px-2.5 text-xs font-medium text-faint">Administration</h2>
          <ul aria-labelledby="nav-admin" className="space-y-0.5">{ADMIN.map((item) => <NavItem key={item.href} item={item} onGo={onGo} />)}</ul>
        </>
      )}
    </nav>
  );
}
