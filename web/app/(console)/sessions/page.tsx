"use client";
import { History, SquareTerminal } from "lucide-react";
import Link from "next/link";
import { seesAll, useList, useMe } from "@/lib/api/hooks";
import { routes } from "@/lib/routes";
import { pages } from "@/texts/pages";
import { sessions } from "@/texts/sessions";
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
      <PageHead title={pages.sessions} about={all ? sessions.aboutAll : sessions.aboutOwn} />
      <Section title={sessions.live}>
        <Listing
          list={live}
          empty={
            <Empty icon={<SquareTerminal />} title={sessions.noneLive} action={<Link href={routes.targets()} className={buttonClass("plain")}>{sessions.openTarget}</Link>}>
              {sessions.noneLiveAbout}
            </Empty>
          }
        >
          {(rows) => <LiveTable rows={rows} me={me} />}
        </Listing>
      </Section>
      <Section title={sessions.ended}>
        <Listing list={ended} empty={<Empty icon={<History />} title={sessions.noneEnded}>{sessions.noneEndedAbout}</Empty>}>
          {(rows) => <EndedTable rows={rows} all={all} />}
        </Listing>
      </Section>
    </>
  );
}
