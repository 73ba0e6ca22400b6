"use client";
/** What a user agrees to before a session opens. Nothing is dialled until they do. */
import Link from "next/link";
import { ScrollText } from "lucide-react";
import { useEffect, useRef } from "react";
import { routes } from "@/lib/routes";
import { shell } from "@/texts/shell";
import { Button, buttonClass } from "@/ui/button";

interface Props {
  name: string;
  text: string;
  shown: boolean;
  onAgree: () => void;
}

export function Consent({ name, text, shown, onAgree }: Props) {
  const words = useRef<HTMLDivElement>(null);
  // To the text and not to the button: agreeing takes more than a key that was meant for something else.
  useEffect(() => {
    if (shown) words.current?.focus();
  }, [text, shown]);
  return (
    <section aria-labelledby="consent" className="absolute inset-x-4 top-[10vh] mx-auto flex max-h-[75vh] max-w-lg flex-col gap-4 rounded-xl border border-line bg-surface p-5 shadow-card">
      <h2 id="consent" className="flex items-center gap-2 font-semibold"><ScrollText className="size-4 text-muted" aria-hidden />{shell.before(name)}</h2>
      <div ref={words} tabIndex={0} role="region" aria-label={shell.agreeTo} className="min-h-0 overflow-y-auto rounded-lg border border-line bg-canvas p-3 whitespace-pre-wrap">{text}</div>
      <p className="text-muted">{shell.agreedAbout}</p>
      <div className="flex justify-end gap-2">
        <Link href={routes.targets()} className={buttonClass()}>{shell.goBack}</Link>
        <Button look="primary" onClick={onAgree}>{shell.agree}</Button>
      </div>
    </section>
  );
}
