"use client";
/** The command palette in a page of shells: another one opens beside those that are there, and whatever runs goes on. */
import { useRouter } from "next/navigation";
import { readWay, type Way } from "@/lib/attachment/way";
import { palette as texts } from "@/texts/palette";
import { EVERYTHING, usePalette } from "../../_palette/use-palette";

const TARGETS = { title: texts.anotherTarget, kinds: ["target"] } as const;

export function useGoTo(onOpen: (way: Way) => void, focus: () => void) {
  const router = useRouter();
  const { show, palette } = usePalette();
  const go = (what: typeof EVERYTHING | typeof TARGETS) => () =>
    show({
      ...what,
      onGo: ({ kind, href }) => {
        const way = kind === "page" ? null : readWay(href.slice(href.indexOf("?")));
        if (way) onOpen(way);
        else router.push(href);
      },
      returnFocus: focus,
    });
  return { goTo: go(EVERYTHING), add: go(TARGETS), palette };
}
