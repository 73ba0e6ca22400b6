"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import type { Role } from "@/lib/api/schema";
import { ADMIN_PAGES, workPages, type Page } from "@/lib/pages";
import { pages } from "@/texts/pages";
import { cx } from "@/ui/cx";

function NavItem({ item, onGo }: { item: Page; onGo?: () => void }) {
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
  return (
    <nav aria-label={pages.label}>
      <ul className="space-y-0.5">{workPages(role).map((item) => <NavItem key={item.href} item={item} onGo={onGo} />)}</ul>
      {role === "admin" && (
        <>
          <h2 id="nav-admin" className="mt-6 mb-1.5 px-2.5 text-xs font-medium text-faint">{pages.administration}</h2>
          <ul aria-labelledby="nav-admin" className="space-y-0.5">{ADMIN_PAGES.map((item) => <NavItem key={item.href} item={item} onGo={onGo} />)}</ul>
        </>
      )}
    </nav>
  );
}
