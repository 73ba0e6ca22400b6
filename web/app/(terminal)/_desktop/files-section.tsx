"use client";
/** The desktop's drive: what is in its folders, files from there and to there, as far as policy lets them. */
import { Download, File as FileIcon, Folder, RefreshCw, Upload } from "lucide-react";
import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import { ROOT, trail, type Entry } from "@/lib/desktop/listing";
import type { Transfer } from "@/lib/desktop/wire";
import { desktop } from "@/texts/desktop";
import { Button, IconButton } from "@/ui/button";
import type { Files, FilesState } from "./files";

interface Props {
  files: Files;
  transfer: Transfer;
  state: FilesState;
}

function SendButton({ onFiles }: { onFiles: (files: File[]) => void }) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button small look="primary" onClick={() => field.current?.click()}><Upload className="size-3.5" aria-hidden />{desktop.sendFiles}</Button>
      <input
        ref={field}
        type="file"
        multiple
        hidden
        aria-label={desktop.sendFiles}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
    </>
  );
}

function Line({ entry, onOpen, children }: { entry: Entry; onOpen: () => void; children?: ReactNode }) {
  const label = entry.isFolder ? desktop.openFolder(entry.name) : desktop.fetch(entry.name);
  const Icon = entry.isFolder ? Folder : FileIcon;
  return (
    <li>
      <button type="button" aria-label={label} title={label} onClick={onOpen} className="flex w-full items-center gap-2 rounded-md px-2 py-1 text-left text-[13px] hover:bg-hover">
        <Icon className="size-4 shrink-0 text-muted" aria-hidden />
        <span className="min-w-0 flex-1 truncate">{entry.name}</span>
        {children}
      </button>
    </li>
  );
}

interface BrowserProps {
  files: Files;
  folder: string;
  /** Looked at again when this changes. */
  sent: number;
  onFolder: (folder: string) => void;
}

function Browser({ files, folder, sent, onFolder }: BrowserProps) {
  const [entries, setEntries] = useState<Entry[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const look = useCallback(() => {
    setFailure(null);
    files.list(folder).then(setEntries, (error: Error) => setFailure(error.message));
  }, [files, folder]);
  useEffect(look, [look, sent]);
  return (
    <div>
      <div className="mb-1 flex items-center justify-between gap-2">
        <nav aria-label={desktop.folderList} className="flex min-w-0 flex-wrap items-center text-[13px]">
          {trail(folder).map(({ name, path }) => (
            <Button key={path} small look="quiet" className="px-1.5" onClick={() => onFolder(path)}>{name || desktop.top}</Button>
          ))}
        </nav>
        <IconButton label={desktop.refresh} className="size-7" onClick={look}><RefreshCw className="size-3.5" aria-hidden /></IconButton>
      </div>
      {failure && <p role="alert" className="text-[13px] text-bad">{failure}</p>}
      <ul aria-label={desktop.folderList} className="max-h-64 overflow-y-auto rounded-md border border-line p-1">
        {entries?.map((entry) => (
          <Line key={entry.path} entry={entry} onOpen={() => (entry.isFolder ? onFolder(entry.path) : files.fetch(entry))}>
            {!entry.isFolder && <Download className="size-3.5 text-muted" aria-hidden />}
          </Line>
        ))}
        {entries?.length === 0 && <li className="px-2 py-1 text-[13px] text-muted">{desktop.emptyFolder}</li>}
      </ul>
    </div>
  );
}

export function FilesSection({ files, transfer, state: { drive, sent } }: Props) {
  const [folder, setFolder] = useState(ROOT);
  return (
    <div className="space-y-2">
      {!transfer.upload && <p className="text-[13px] text-warn">{desktop.blocked.upload}</p>}
      {!transfer.download && <p className="text-[13px] text-warn">{desktop.blocked.download}</p>}
      {(transfer.upload || transfer.download) && drive === null && <p className="text-[13px] text-muted">{desktop.noDrive}</p>}
      {transfer.download && drive !== null && <Browser key={folder} files={files} folder={folder} sent={sent} onFolder={setFolder} />}
      {transfer.upload && <SendButton onFiles={(chosen) => files.send(chosen, folder)} />}
    </div>
  );
}
