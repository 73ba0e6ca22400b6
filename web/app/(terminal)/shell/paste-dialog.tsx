"use client";
/** Before several lines are pasted into a shell that would run each of them at once: what they are, seen and unseen. */
import { useState } from "react";
import { asOneLine, linesOf, preview } from "@/lib/terminal/paste";
import { anywhere } from "@/texts/anywhere";
import { shell } from "@/texts/shell";
import { Button } from "@/ui/button";
import { Dialog, DialogButtons } from "@/ui/dialog";

interface Props {
  text: string;
  /** `again`: whether one wants to be asked the next time. */
  onPaste: (text: string, again: boolean) => void;
  onCancel: () => void;
  returnFocus: () => void;
}

function Lines({ text }: { text: string }) {
  const { lines, more } = preview(text);
  return (
    <div tabIndex={0} role="region" aria-label={shell.pasteLabel} className="max-h-72 overflow-auto rounded-lg border border-line bg-sunken p-3 font-mono text-xs leading-5">
      <ol className="list-decimal pl-7 marker:text-faint">
        {lines.map((pieces, index) => (
          <li key={index} className="wrap-anywhere whitespace-pre-wrap">
            {pieces.map((piece, at) => (piece.hidden ? <span key={at} className="mx-px rounded-sm bg-warn-soft px-0.5 text-warn">{piece.text}</span> : piece.text))}
          </li>
        ))}
      </ol>
      {more > 0 && <p className="pl-7 text-muted">{shell.moreLines(more)}</p>}
    </div>
  );
}

export function PasteDialog({ text, onPaste, onCancel, returnFocus }: Props) {
  const [again, setAgain] = useState(true);
  const { length } = linesOf(text);
  return (
    <Dialog
      open
      wide
      onOpenChange={onCancel}
      title={length === 1 ? shell.pasteOne : shell.pasteMany(length)}
      description={length === 1 ? shell.pasteOneAbout : shell.pasteManyAbout}
      returnFocus={returnFocus}
    >
      <Lines text={text} />
      <label className="mt-4 flex w-fit items-center gap-2">
        <input type="checkbox" checked={!again} onChange={(event) => setAgain(!event.target.checked)} className="size-4 accent-accent" />
        {shell.doNotAsk}
      </label>
      <DialogButtons>
        <Button onClick={onCancel}>{anywhere.cancel}</Button>
        <Button onClick={() => onPaste(asOneLine(text), again)}>{shell.pasteAsOne}</Button>
        <Button look="primary" onClick={() => onPaste(text, again)}>{shell.paste}</Button>
      </DialogButtons>
    </Dialog>
  );
}
