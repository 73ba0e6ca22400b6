"use client";
/** A zone's join tokens: the list, which is read whole, and making one. */
import { Ticket } from "lucide-react";
import { useState } from "react";
import { sentence } from "@/lib/api/client";
import { useAction } from "@/lib/api/hooks";
import type { Token, TokenState, Zone } from "@/lib/api/schema";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Section } from "@/ui/section";
import { Empty } from "@/ui/states";
import { Table, type Column } from "@/ui/table";
import { useToast } from "@/ui/toast";
import { Listing, Time } from "../../../_components/page";
import { JoinButton, useTokens } from "../../../_components/join-button";

const STATES: Record<TokenState, { word: string; tone: Tone; about: string }> = {
  unused: { word: "Unused", tone: "info", about: "It can be used until it expires." },
  used: { word: "Used", tone: "ok", about: "A satellite has joined with it; no other can." },
  expired: { word: "Expired", tone: "none", about: "Nobody used it in time." },
  revoked: { word: "Revoked", tone: "none", about: "It was revoked; nobody can join with it." },
};

function Revoke({ token }: { token: Token }) {
  const [asking, setAsking] = useState(false);
  const revoke = useAction("POST /api/v1/admin/tokens/{id}/revoke");
  const say = useToast();
  if (token.state !== "unused") return null;
  return (
    <>
      <Button small onClick={() => setAsking(true)}>Revoke</Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title="Revoke this join token?"
        consequence={`No satellite can join zone ${token.zone} with it any more. You can create another one at any time.`}
        action="Revoke"
        onConfirm={async () => {
          await revoke.mutateAsync({ path: { id: token.id } });
          say("The join token is revoked.");
        }}
        explain={sentence}
      />
    </>
  );
}

const COLUMNS: Column<Token>[] = [
  { key: "state", head: "State", cell: ({ state }) => <Badge tone={STATES[state].tone} title={STATES[state].about}>{STATES[state].word}</Badge> },
  { key: "expires", head: "Expires", cell: (token) => <Time value={token.expires_at} ago={token.state === "unused"} /> },
  { key: "created", head: "Created", wide: true, cell: (token) => <Time value={token.created_at} /> },
  { key: "used", head: "Used", wide: true, cell: (token) => <Time value={token.used_at} /> },
  { key: "id", head: "Id", wider: true, grow: true, cell: (token) => <span className="font-mono text-xs text-muted">{token.id}</span> },
  { key: "revoke", head: "", right: true, cell: (token) => <Revoke token={token} /> },
];

export function ZoneTokens({ zone }: { zone: Zone }) {
  const list = useTokens();
  const rows = list.rows?.filter((token) => token.zone_id === zone.id);
  const complete = list.complete || (rows !== undefined && rows.length > 0);
  return (
    <Section title="Join tokens" about="A token lets one satellite join this zone, once, until it expires." action={<JoinButton zone={zone} />}>
      <Listing
        list={{ ...list, rows: complete ? rows : undefined, hasNextPage: false }}
        empty={<Empty icon={<Ticket />} title="No join tokens">Create one when a satellite is to join, or to replace one that is gone.</Empty>}
      >
        {(tokens) => (
          <Table label="Join tokens" columns={COLUMNS} rows={tokens} rowKey={(token) => token.id} faded={(token) => token.state === "expired" || token.state === "revoked"} />
        )}
      </Listing>
    </Section>
  );
}
