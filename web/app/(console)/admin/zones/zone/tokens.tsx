"use client";
/** A zone's join tokens: the list, which is read whole, and making one. */
import { Ticket } from "lucide-react";
import { useState } from "react";
import { sentence } from "@/lib/api/client";
import { useAction } from "@/lib/api/hooks";
import type { Token, TokenState, Zone } from "@/lib/api/schema";
import { anywhere } from "@/texts/anywhere";
import { tokens as texts } from "@/texts/tokens";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Section } from "@/ui/section";
import { Empty } from "@/ui/states";
import { Table, type Column } from "@/ui/table";
import { useToast } from "@/ui/toast";
import { Listing, Time } from "../../../_components/page";
import { JoinButton, useTokens } from "../../../_components/join-button";

const TONES: Record<TokenState, Tone> = { unused: "info", used: "ok", expired: "none", revoked: "none" };

function Revoke({ token }: { token: Token }) {
  const [asking, setAsking] = useState(false);
  const revoke = useAction("POST /api/v1/admin/tokens/{id}/revoke");
  const say = useToast();
  if (token.state !== "unused") return null;
  return (
    <>
      <Button small onClick={() => setAsking(true)}>{texts.revoke}</Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={texts.revokeAsked}
        consequence={texts.revoking(token.zone)}
        action={texts.revoke}
        onConfirm={async () => {
          await revoke.mutateAsync({ path: { id: token.id } });
          say(texts.isRevoked);
        }}
        explain={sentence}
      />
    </>
  );
}

const COLUMNS: Column<Token>[] = [
  { key: "state", head: anywhere.state, cell: ({ state }) => <Badge tone={TONES[state]} title={texts.states[state].about}>{texts.states[state].word}</Badge> },
  { key: "expires", head: texts.expires, cell: (token) => <Time value={token.expires_at} ago={token.state === "unused"} /> },
  { key: "created", head: anywhere.created, wide: true, cell: (token) => <Time value={token.created_at} /> },
  { key: "used", head: texts.used, wide: true, cell: (token) => <Time value={token.used_at} /> },
  { key: "id", head: texts.id, wider: true, grow: true, cell: (token) => <span className="font-mono text-xs text-muted">{token.id}</span> },
  { key: "revoke", head: "", right: true, cell: (token) => <Revoke token={token} /> },
];

export function ZoneTokens({ zone }: { zone: Zone }) {
  const list = useTokens();
  const rows = list.rows?.filter((token) => token.zone_id === zone.id);
  const complete = list.complete || (rows !== undefined && rows.length > 0);
  return (
    <Section title={texts.label} about={texts.about} action={<JoinButton zone={zone} />}>
      <Listing
        list={{ ...list, rows: complete ? rows : undefined, hasNextPage: false }}
        empty={<Empty icon={<Ticket />} title={texts.none}>{texts.noneAbout}</Empty>}
      >
        {(tokens) => (
          <Table label={texts.label} columns={COLUMNS} rows={tokens} rowKey={(token) => token.id} faded={(token) => token.state === "expired" || token.state === "revoked"} />
        )}
      </Listing>
    </Section>
  );
}
