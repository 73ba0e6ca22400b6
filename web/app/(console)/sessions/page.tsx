"use client";
import { History, SquareTerminal } from "lucide-react";
import Link from "next/link";
import { seesAll, useList, useMe } from "@/lib/api/hooks";
import { routes } from "@/lib/routes";
import { buttonClass } from "@/ui/button";
import { Section } from "@/ui/section";
import { Empty } from "@/ui/states";
import { Listing, PageHead } from "../_components/page";
import { EndedTable, LiveTable } from "./tables";

const LIVE_REFRESH_MS = 3000;
const ENDED_REFRESH_MS = 10_000;

/** Live sessions on top, to come back to or to end; then those that are over. */
export default function SessionsPage() {
  const me = useMe().data;
  const all = seesAll(me?.role);
  const live = useList("GET /api/v1/sessions", { active: true }, { everyMs: LIVE_REFRESH_MS });
  const ended = useList("GET /api/v1/sessions", { active: false }, { everyMs: ENDED_REFRESH_MS });
  if (me === undefined) return null;
  return (
    <>
      <PageHead title="Sessions" about={all ? "Everybody's sessions: live ones first." : "Your sessions: live ones first. A session goes on when you close its page."} />
      <Section title="Live">
        <Listing
          list={live}
          empty={
            <Empty icon={<SquareTerminal />} title="No session is live" action={<Link href={routes.targets()} className={buttonClass("plain")}>Open a target</Link>}>
              A session stays here while it runs, also when nobody looks at it.
            </Empty>
          }
        >
          {(rows) => <LiveTable rows={rows} me={me} />}
        </Listing>
      </Section>
      <Section title="Ended">
        <Listing list={ended} empty={<Empty icon={<History />} title="No session has ended yet">Each one is kept here with its recording.</Empty>}>
          {(rows) => <EndedTable rows={rows} all={all} />}
        </Listing>
      </Section>
    </>
  );
}
