"use client";
/** Beside a desktop, on demand: its clipboard, its files, its keys. The way out of it for who has only a keyboard. */
import { X } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";
import type { Latency } from "@/lib/attachment/machine";
import { COMBINATIONS, FUNCTION_KEYS } from "@/lib/desktop/keysyms";
import { TOUCHES, type Touch } from "@/lib/desktop/preferences";
import type { Quality, Saving } from "@/lib/desktop/quality";
import type { Transfer } from "@/lib/desktop/wire";
import { anywhere } from "@/texts/anywhere";
import { desktop } from "@/texts/desktop";
import { Button, IconButton } from "@/ui/button";
import { Choice } from "@/ui/field";
import type { Attached } from "./attach";
import { ClipboardSection } from "./clipboard-section";
import type { FilesState } from "./files";
import { FilesSection } from "./files-section";
import { QualitySection } from "./quality-section";

interface Props {
  attached: Attached;
  transfer: Transfer;
  text: string;
  files: FilesState;
  touch: Touch;
  quality: Quality;
  onQuality: (quality: Quality) => void;
  saving: Saving | null;
  latency: Latency | null;
  onTouch: (touch: Touch) => void;
  onClose: () => void;
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="border-t border-line px-4 py-3">
      <h3 className="mb-2 text-[13px] font-semibold">{title}</h3>
      {children}
    </section>
  );
}

export function Panel({ attached, transfer, text, files, touch, quality, onQuality, saving, latency, onTouch, onClose }: Props) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus(), []);
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label={desktop.panel}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
      className="absolute inset-y-0 right-0 z-10 w-96 max-w-full animate-slide overflow-y-auto border-l border-line bg-surface shadow-up outline-none"
    >
      <div className="flex items-start justify-between gap-3 px-4 py-3">
        <div>
          <h2 className="font-semibold">{desktop.panel}</h2>
          <p className="mt-1 text-[13px] text-muted">{desktop.panelAbout}</p>
        </div>
        <IconButton label={anywhere.close} title={anywhere.closeKey} onClick={onClose}><X className="size-4" aria-hidden /></IconButton>
      </div>
      <Section title={desktop.clipboard}><ClipboardSection clipboard={attached.clipboard} transfer={transfer} text={text} /></Section>
      <Section title={desktop.files}><FilesSection files={attached.files} transfer={transfer} state={files} /></Section>
      <Section title={desktop.quality}><QualitySection quality={quality} saving={saving} latency={latency} onQuality={onQuality} /></Section>
      <Section title={desktop.keys}>
        <div className="flex flex-wrap gap-1.5">
          {[...COMBINATIONS, ...FUNCTION_KEYS].map(({ label, keysyms }) => (
            <Button key={label} small onClick={() => attached.input.combine(keysyms)}>{label}</Button>
          ))}
        </div>
      </Section>
      <Section title={desktop.touch}>
        <Choice label={desktop.touch} hideLabel value={touch} options={TOUCHES.map((value) => ({ value, label: desktop.touches[value] }))} onChange={onTouch} />
      </Section>
    </aside>
  );
}
