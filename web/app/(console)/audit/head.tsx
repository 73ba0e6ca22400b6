"use client";
import Link from "next/link";
import { Download } from "lucide-react";
import { address } from "@/lib/api/client";
import { routes } from "@/lib/routes";
import { access } from "@/texts/access";
import { auditLists } from "@/texts/audit-lists";
import { outages } from "@/texts/outages";
import { pages } from "@/texts/pages";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";
import { Menu } from "@/ui/menu";
import { PageHead } from "../_components/page";

const PAGES = {
  sessions: { label: pages.sessions, href: routes.audit(), about: auditLists.sessionsAbout, file: "GET /api/v1/audit/export" },
  events: { label: auditLists.events, href: routes.events(), about: auditLists.eventsAbout, file: "GET /api/v1/audit/events/export" },
  outages: { label: outages.tab, href: routes.outages(), about: outages.about, file: null },
  access: { label: access.tab, href: routes.access(), about: access.about, file: null },
} as const;

interface Props {
  page: keyof typeof PAGES;
  /** What the file has: the rows that are in sight, and those further down. */
  query?: Record<string, string | number | boolean | null | undefined>;
}

/** The head of the audit's pages, with the way to the others, and of a list to a file of what is filtered. */
export function AuditHead({ page, query }: Props) {
  const { about, file } = PAGES[page];
  const items = file === null ? [] : Object.entries(auditLists.formats).map(([format, label]) => ({
    label,
    // The answer is a download: the page stays.
    onSelect: () => window.location.assign(address(file, {}, { ...query, format })),
  }));
  return (
    <>
      <PageHead title={pages.audit} about={about}>
        {file && <Menu label={auditLists.export} trigger={<Button><Download className="size-4" aria-hidden />{auditLists.export}</Button>} items={items} />}
      </PageHead>
      <nav aria-label={pages.audit} className="mb-4 flex gap-4 overflow-x-auto overflow-y-hidden border-b border-line">
        {Object.entries(PAGES).map(([key, { label, href }]) => (
          <Link
            key={key}
            href={href}
            aria-current={key === page ? "page" : undefined}
            className={cx("-mb-px border-b-2 px-1 py-2 font-medium whitespace-nowrap", key === page ? "border-accent text-ink" : "border-transparent text-muted hover:text-ink")}
          >
            {label}
          </Link>
        ))}
      </nav>
    </>
  );
}
