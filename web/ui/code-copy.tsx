"use client";
import { Check, Copy } from "lucide-react";
import { useRef, useState } from "react";
import { anywhere } from "@/texts/anywhere";
import { Button } from "./button";

const SHOWN_MS = 2000;

/** Text to run elsewhere, with a button that copies it. Where the clipboard is closed the text gets selected instead. */
export function CodeCopy({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState<"copied" | "selected" | null>(null);
  const code = useRef<HTMLElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone("copied");
    } catch {
      if (code.current) window.getSelection()?.selectAllChildren(code.current);
      setDone("selected");
    }
    setTimeout(() => setDone(null), SHOWN_MS);
  };
  return (
    <div className="rounded-lg border border-line bg-sunken">
      <div className="flex items-center justify-between border-b border-line py-1 pr-1 pl-3">
        <span className="text-xs font-medium text-muted">{label}</span>
        <Button small look="quiet" onClick={copy} aria-label={anywhere.copyOf(label)}>
          {done === "copied" ? <Check className="size-3.5" aria-hidden /> : <Copy className="size-3.5" aria-hidden />}
          <span aria-live="polite">{done === "copied" ? anywhere.copied : done === "selected" ? anywhere.selected : anywhere.copy}</span>
        </Button>
      </div>
      <pre className="max-h-48 overflow-auto p-3 font-mono text-xs leading-5 wrap-anywhere whitespace-pre-wrap"><code ref={code}>{text}</code></pre>
    </div>
  );
}
