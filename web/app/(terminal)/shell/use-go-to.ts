"use client";
/** The command palette in a shell's page. What runs here goes on, wherever one goes. */
import { useRouter } from "next/navigation";
import { EVERYTHING, usePalette } from "../../_palette/use-palette";

export function useGoTo(focus: () => void) {
  const router = useRouter();
  const { show, palette } = usePalette();
  const open = () =>
    show({
      ...EVERYTHING,
      // Another shell is another load of this page, which lets go of the one that is here.
      onGo: ({ kind, href }) => (kind === "page" ? router.push(href) : window.location.assign(href)),
      returnFocus: focus,
    });
  return { open, palette };
}
