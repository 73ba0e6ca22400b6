"use client";
/** Makes a join token and shows, once, what to run at the site, until a satellite has joined. */
import { Plus } from "lucide-react";
import { useState } from "react";
import { useWholeList } from "@/lib/api/hooks";
import type { ShownToken, Zone } from "@/lib/api/schema";
import { tokens } from "@/texts/tokens";
import { Button, type Look } from "@/ui/button";
import { JoinDialog } from "./join-dialog";
import { NewToken } from "./new-token";

const REFRESH_MS = 5000;

/** All zones' tokens: the hub lists them together. */
export const useTokens = () => useWholeList("GET /api/v1/admin/tokens", { everyMs: REFRESH_MS });

export function JoinButton({ zone, look }: { zone: Zone; look?: Look }) {
  const { rows } = useTokens();
  // The form leads on to what is shown once; the focus then goes back to the button that began it.
  const [creator, setCreator] = useState<HTMLElement | null>(null);
  const [shown, setShown] = useState<{ token: ShownToken; from: HTMLElement } | null>(null);
  return (
    <>
      <Button look={look} onClick={(event) => setCreator(event.currentTarget)}><Plus className="size-4" aria-hidden />{tokens.create}</Button>
      {creator && <NewToken zone={zone} onCreated={(token) => setShown({ token, from: creator })} onClose={() => setCreator(null)} />}
      {shown && (
        <JoinDialog
          shown={shown.token}
          from={shown.from}
          state={rows?.find((token) => token.id === shown.token.id)?.state ?? "unused"}
          zone={zone}
          onClose={() => setShown(null)}
        />
      )}
    </>
  );
}
