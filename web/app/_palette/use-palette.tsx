"use client";
/** The way to the command palette. Its program is loaded when it is asked for, so that no page waits for it. */
import { useState, type ComponentProps, type ReactNode } from "react";
import { anywhere } from "@/texts/anywhere";
import { palette as texts } from "@/texts/palette";
import { useToast } from "@/ui/toast";
import type { Palette } from "./palette";

type Wanted = Pick<ComponentProps<typeof Palette>, "title" | "kinds" | "onGo" | "returnFocus">;

export const EVERYTHING = { title: texts.everything, kinds: ["session", "target", "page"] } as const;

/** `show` opens it; `palette` has to stand somewhere on the page. */
export function usePalette(): { show: (wanted: Wanted) => void; palette: ReactNode } {
  const say = useToast();
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const [Loaded, setLoaded] = useState<typeof Palette | null>(null);
  const show = (what: Wanted) => {
    setWanted(what);
    if (Loaded !== null) return;
    import("./palette").then(
      (module) => setLoaded(() => module.Palette),
      () => {
        setWanted(null);
        say(anywhere.notLoaded, { bad: true });
      },
    );
  };
  return { show, palette: wanted && Loaded && <Loaded {...wanted} onClose={() => setWanted(null)} /> };
}
