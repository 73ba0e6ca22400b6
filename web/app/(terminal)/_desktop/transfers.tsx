"use client";
/** Files on their way to and from a desktop, in its corner: how far each one is, and what came of it. */
import { CircleAlert, CircleCheck, Download, Upload, X } from "lucide-react";
import { bytes } from "@/lib/format";
import { desktop } from "@/texts/desktop";
import { Button, IconButton } from "@/ui/button";
import { cx } from "@/ui/cx";
import { Progress } from "@/ui/progress";
import type { Files, FileTransfer } from "./files";

function words({ way, state, name, offered }: FileTransfer): string {
  if (offered) return desktop.offered(name);
  if (way === "up") return state === "done" ? desktop.sent(name) : desktop.sending(name);
  return state === "done" ? desktop.fetched(name) : desktop.fetching(name);
}

function Mark({ way, state }: FileTransfer) {
  if (state === "failed") return <CircleAlert className="size-4 shrink-0 text-bad" aria-hidden />;
  if (state === "done") return <CircleCheck className="size-4 shrink-0 text-ok" aria-hidden />;
  const Icon = way === "up" ? Upload : Download;
  return <Icon className="size-4 shrink-0 text-accent" aria-hidden />;
}

function Row({ files, one }: { files: Files; one: FileTransfer }) {
  const { id, name, state, total, why, offered } = one;
  const running = state === "running";
  const size = total === null ? bytes(one.bytes) : desktop.ofSize(bytes(one.bytes), bytes(total));
  return (
    <li className="px-3 py-2">
      <div className="flex items-center gap-2">
        <Mark {...one} />
        <div className="min-w-0 flex-1" role={state === "failed" ? "alert" : undefined}>
          <p className={cx("text-[13px]", offered ? "wrap-anywhere" : "truncate")} title={name}>{words(one)}</p>
          <p className="text-xs text-muted tabular-nums">{why ?? size}</p>
        </div>
        {offered && <Button small look="primary" onClick={() => files.save(id)}>{desktop.save}</Button>}
        <IconButton label={running ? desktop.stop(name) : desktop.remove(name)} className="size-7" onClick={() => (running ? files.stop(id) : files.remove(id))}>
          <X className="size-3.5" aria-hidden />
        </IconButton>
      </div>
      {running && total !== null && total > 0 && (
        <div className="mt-1.5"><Progress percent={Math.floor((100 * one.bytes) / total)} label={words(one)} text={size} /></div>
      )}
    </li>
  );
}

export function Transfers({ files, list }: { files: Files; list: FileTransfer[] }) {
  if (list.length === 0) return null;
  return (
    <section aria-label={desktop.transfers} className="absolute bottom-3 left-3 z-10 max-h-64 w-80 max-w-[calc(100%-1.5rem)] overflow-y-auto rounded-lg border border-line bg-surface shadow-up">
      <ul aria-live="polite" className="divide-y divide-line">
        {list.map((one) => <Row key={one.id} files={files} one={one} />)}
      </ul>
    </section>
  );
}
