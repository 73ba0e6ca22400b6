"use client";
import Link from "next/link";
import { useState } from "react";
import { Logs, Stethoscope } from "lucide-react";
import { sentence } from "@/lib/api/client";
import { useAction, useList } from "@/lib/api/hooks";
import type { CommandKind, Satellite } from "@/lib/api/schema";
import { refreshMs } from "@/lib/commands";
import { routes } from "@/lib/routes";
import { satelliteName } from "@/lib/satellite/words";
import { commands } from "@/texts/commands";
import { Button } from "@/ui/button";
import { Select } from "@/ui/field";
import { Card, Section } from "@/ui/section";
import { useToast } from "@/ui/toast";
import { Listing } from "../../../_components/page";
import { CommandDetails } from "../../../commands/details";
import { CommandsTable } from "../../../commands/table";

const SHOWN = 5;
/** Long enough for a line that comes and goes. */
const WAITS_SECONDS = 3600;

const ORDERS = [
  { kind: "diagnose", icon: Stethoscope },
  { kind: "collect_logs", icon: Logs },
] as const satisfies readonly { kind: CommandKind; icon: unknown }[];

function Order({ satellite }: { satellite: Satellite }) {
  const [waits, setWaits] = useState(WAITS_SECONDS);
  const order = useAction("POST /api/v1/admin/satellites/{id}/commands");
  const say = useToast();
  const send = async (kind: CommandKind) => {
    try {
      await order.mutateAsync({ path: { id: satellite.id }, body: { kind, expires_in_seconds: waits } });
      say(commands.isOrdered(commands.kinds[kind].word, satelliteName(satellite)));
    } catch (error) {
      say(sentence(error), { bad: true });
    }
  };
  return (
    <div className="flex flex-wrap items-end gap-2">
      <Select label={commands.waits} value={waits} onChange={(event) => setWaits(Number(event.target.value))} className="min-w-36">
        {commands.waitingTimes.map(({ seconds, word }) => <option key={seconds} value={seconds}>{word}</option>)}
      </Select>
      {ORDERS.map(({ kind, icon: Icon }) => (
        <Button key={kind} title={commands.kinds[kind].about} className="h-9 sm:h-8" busy={order.isPending && order.variables.body.kind === kind} disabled={order.isPending} onClick={() => void send(kind)}>
          <Icon className="size-4" aria-hidden />{commands.kinds[kind].word}
        </Button>
      ))}
    </div>
  );
}

/** What one satellite was ordered to do, and the way to order more. */
export function Commands({ satellite }: { satellite: Satellite }) {
  const list = useList("GET /api/v1/admin/commands", { satellite_id: satellite.id, limit: SHOWN }, { everyMs: refreshMs });
  const [opened, setOpened] = useState<string | null>(null);
  return (
    <Section title={commands.section} about={commands.sectionAbout} action={<Order satellite={satellite} />}>
      <Listing list={{ ...list, hasNextPage: false }} empty={<Card><p className="text-muted">{commands.noneHere}</p></Card>}>
        {(rows) => (
          <>
            <CommandsTable rows={rows} ofOneSite onOpen={setOpened} />
            <Link href={routes.commands({ satellite: satellite.id })} className="text-accent underline">{commands.allHere}</Link>
          </>
        )}
      </Listing>
      {opened && <CommandDetails key={opened} id={opened} onClose={() => setOpened(null)} />}
    </Section>
  );
}
