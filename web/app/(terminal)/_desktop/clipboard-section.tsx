"use client";
/** The desktop's clipboard as a field: for browsers that keep theirs to themselves, and to see what would be pasted. */
import { useState } from "react";
import type { Transfer } from "@/lib/desktop/wire";
import { desktop } from "@/texts/desktop";
import { Button } from "@/ui/button";
import { TextArea } from "@/ui/field";
import { useToast } from "@/ui/toast";
import type { DesktopClipboard } from "./clipboard";

interface Props {
  clipboard: DesktopClipboard;
  transfer: Transfer;
  text: string;
}

export function ClipboardSection({ clipboard, transfer, text }: Props) {
  const say = useToast();
  /** What a person made of it; `null` while it is the desktop's own. */
  const [changed, setChanged] = useState<string | null>(null);
  const shown = changed ?? text;
  const give = () => {
    if (!clipboard.give(shown, false)) return;
    setChanged(null);
    say(desktop.given);
  };
  const take = async () => {
    try {
      setChanged(await navigator.clipboard.readText());
    } catch {
      say(desktop.noOwn, { bad: true });
    }
  };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(shown);
      say(desktop.copiedHere);
    } catch {
      say(desktop.noOwn, { bad: true });
    }
  };
  return (
    <div className="space-y-2">
      {!transfer.copy && <p className="text-[13px] text-warn">{desktop.blocked.copy}</p>}
      {!transfer.paste && <p className="text-[13px] text-warn">{desktop.blocked.paste}</p>}
      {(transfer.copy || transfer.paste) && (
        <>
          <TextArea label={transfer.copy ? desktop.clipboardText : desktop.textForDesktop} hint={!transfer.copy ? desktop.textForDesktopAbout : transfer.paste ? desktop.clipboardAbout : undefined} rows={4} value={shown} readOnly={!transfer.paste} onChange={(event) => setChanged(event.target.value)} />
          <div className="flex flex-wrap gap-1.5">
            {transfer.paste && <Button small look="primary" disabled={shown === ""} onClick={give}>{desktop.give}</Button>}
            {transfer.paste && <Button small onClick={() => void take()}>{desktop.takeOwn}</Button>}
            {transfer.copy && <Button small disabled={shown === ""} onClick={() => void copy()}>{desktop.copyHere}</Button>}
          </div>
        </>
      )}
    </div>
  );
}
