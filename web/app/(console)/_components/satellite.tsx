"use client";
/** A satellite in the words and actions that several pages share. */
import { useState } from "react";
import { sentence } from "@/lib/api/client";
import { useAction } from "@/lib/api/hooks";
import type { Satellite, SatelliteState, Transport } from "@/lib/api/schema";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { useToast } from "@/ui/toast";

const STATES: Record<SatelliteState, { word: string; tone: Tone; about: string }> = {
  online: { word: "Online", tone: "ok", about: "Its tunnel to the hub stands." },
  offline: { word: "Offline", tone: "warn", about: "It has no tunnel to the hub. Its sessions go on at the site." },
  revoked: { word: "Revoked", tone: "none", about: "It was revoked for good and cannot come back." },
  quarantined: { word: "Quarantined", tone: "bad", about: "Its identity was used twice, as after a copied disk. Revoke it and join the site again." },
};

export function SatelliteBadge({ state }: { state: SatelliteState }) {
  const { word, tone, about } = STATES[state];
  return <Badge tone={tone} dot title={about}>{word}</Badge>;
}

export const aboutState = (state: SatelliteState): string => STATES[state].about;

const TRANSPORTS: Record<Transport, string> = { quic: "QUIC", tcp: "TCP (fallback)" };

export const transportWord = (transport: Transport | null | undefined): string => (transport ? TRANSPORTS[transport] : "–");

/** Revokes for good, after asking. */
export function RevokeSatellite({ satellite }: { satellite: Satellite }) {
  const [asking, setAsking] = useState(false);
  const revoke = useAction("POST /api/v1/admin/satellites/{id}/revoke");
  const say = useToast();
  const name = satellite.name || satellite.id.slice(-6);
  const live = satellite.sessions === 1 ? "1 session runs there now." : `${satellite.sessions} sessions run there now.`;
  return (
    <>
      <Button
        small
        look="danger"
        aria-label={`Revoke ${name}`}
        why={satellite.state === "revoked" ? "It is revoked already" : null}
        onClick={() => setAsking(true)}
      >
        Revoke
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Revoke satellite ${name}?`}
        consequence={
          <>
            Its tunnel drops at once and it can never connect again; nobody reaches zone {satellite.zone} until another satellite joins it
            with a new token. {satellite.sessions > 0 && live}
          </>
        }
        action="Revoke"
        onConfirm={async () => {
          await revoke.mutateAsync({ path: { id: satellite.id } });
          say(`Satellite ${name} of zone ${satellite.zone} is revoked.`);
        }}
        explain={sentence}
      />
    </>
  );
}
