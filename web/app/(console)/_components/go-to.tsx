"use client";
/** The command palette on the console's pages: its key, and a button that says which one that is. */
import { Search } from "lucide-react";
import { useRouter } from "next/navigation";
import { isPalette, keyName } from "@/lib/shortcuts";
import { useShortcut } from "@/lib/use-shortcut";
import { palette as texts } from "@/texts/palette";
import { IconButton } from "@/ui/button";
import { EVERYTHING, usePalette } from "../../_palette/use-palette";

/** Answers a function that opens it, and the element that holds it. */
export function useGoTo() {
  const router = useRouter();
  const { show, palette } = usePalette();
  const open = () => {
    const opener = document.activeElement;
    show({
      ...EVERYTHING,
      onGo: ({ href }) => router.push(href),
      returnFocus: (went) => {
        const back = went || !(opener instanceof HTMLElement) || opener === document.body ? document.querySelector("main") : opener;
        back?.focus();
      },
    });
  };
  useShortcut(isPalette, open);
  return { open, palette };
}

export function GoToButton({ onOpen }: { onOpen: () => void }) {
  return (
    <button type="button" onClick={onOpen} className="flex h-8 w-full items-center gap-2 rounded-md border border-line-strong bg-surface px-2.5 text-muted hover:bg-hover hover:text-ink">
      <Search className="size-4 shrink-0" aria-hidden />
      {texts.open}
      <kbd aria-hidden className="ml-auto font-sans text-xs text-faint">{keyName("K", navigator.platform)}</kbd>
    </button>
  );
}

export function SmallGoToButton({ onOpen }: { onOpen: () => void }) {
  return <IconButton label={texts.open} onClick={onOpen}><Search className="size-5" aria-hidden /></IconButton>;
}
