"use client";
import { useEffect, useState } from "react";
import type { ShellDisplay } from "./display";

/** Whether a shell printed something since it was last shown. */
export function useUnseen(display: ShellDisplay | null, shown: boolean): boolean {
  const [unseen, setUnseen] = useState(false);
  useEffect(() => {
    if (display === null || shown) return;
    display.onFresh = () => setUnseen(true);
    return () => {
      display.onFresh = () => undefined;
      setUnseen(false);
    };
  }, [display, shown]);
  return unseen;
}
