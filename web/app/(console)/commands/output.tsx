"use client";
import { Download } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { address, call, sentence } from "@/lib/api/client";
import { lastLines } from "@/lib/commands";
import { commands } from "@/texts/commands";
import { Button, buttonClass } from "@/ui/button";
import { Failure } from "@/ui/states";

const SHOWN_LINES = 200;

/** What a command collected, as a file and its end to look at. It is read only when somebody wants it: that stands in the audit. */
export function Output({ id, mayRead }: { id: string; mayRead: boolean }) {
  const [lines, setLines] = useState<string[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLPreElement>(null);
  // The newest lines are the last ones.
  useEffect(() => {
    if (lines && box.current) box.current.scrollTop = box.current.scrollHeight;
    if (lines) box.current?.focus();
  }, [lines]);
  if (!mayRead) return <p className="text-muted">{commands.logForAdmins}</p>;
  const show = async () => {
    setBusy(true);
    setFailure(null);
    try {
      setLines(lastLines(await call("GET /api/v1/admin/commands/{id}/output", { path: { id } }), SHOWN_LINES));
    } catch (error) {
      setFailure(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="space-y-3">
      <p className="text-muted">{commands.logAbout}</p>
      <div className="flex flex-wrap gap-2">
        <a href={address("GET /api/v1/admin/commands/{id}/output", { id })} download className={buttonClass("plain")}>
          <Download className="size-4" aria-hidden />{commands.download}
        </a>
        {!lines && <Button busy={busy} onClick={() => void show()}>{commands.showLast}</Button>}
      </div>
      {failure && <Failure>{failure}</Failure>}
      {lines?.length === 0 && <p className="text-muted">{commands.emptyLog}</p>}
      {lines && lines.length > 0 && (
        <pre ref={box} tabIndex={0} role="region" aria-label={commands.lastLines(lines.length)} className="max-h-72 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs">{lines.join("\n")}</pre>
      )}
    </div>
  );
}
