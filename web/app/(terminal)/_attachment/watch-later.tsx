"use client";
/** Where a session's site is away: asks the site, once it is back, whether the session is there to be watched. */
import Link from "next/link";
import { useState } from "react";
import { sentence } from "@/lib/api/client";
import { useOrderForSession } from "@/lib/api/orders";
import type { Session, SiteCommand } from "@/lib/api/schema";
import { routes } from "@/lib/routes";
import { commands } from "@/texts/commands";
import { Button, buttonClass } from "@/ui/button";

export function WatchLater({ session }: { session: Session }) {
  const order = useOrderForSession();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [ordered, setOrdered] = useState<SiteCommand | null>(null);
  const send = async () => {
    setBusy(true);
    setFailure(null);
    try {
      setOrdered(await order("watch", session));
    } catch (error) {
      setFailure(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="mt-4 border-t border-line pt-4">
      {ordered ? (
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="min-w-0 flex-1 text-muted">{commands.watchOrdered(session.zone)}</p>
          <Link href={routes.commands({ command: ordered.id })} className={buttonClass("plain", true)}>{commands.toCommand}</Link>
        </div>
      ) : (
        <>
          <p className="mb-2 text-muted">{commands.watchLaterAbout}</p>
          <Button small busy={busy} onClick={() => void send()}>{commands.watchLater}</Button>
        </>
      )}
      {failure && <p role="alert" className="mt-2 text-bad">{failure}</p>}
    </div>
  );
}
