"use client";
/** One attachment to a shell in React's words. Attaches when mounted, lets go when unmounted; another one is another mount. */
import { useEffect, useEffectEvent, useRef, useState, type RefObject } from "react";
import { useTellOpening } from "@/lib/api/hooks";
import type { ShellView } from "@/lib/shell/machine";
import { loadPlace } from "@/lib/shell/place";
import type { TerminalPreferences } from "@/lib/terminal/preferences";
import { attach, type Attached } from "./attach";
import type { ShellDisplay } from "./display";
import type { Way } from "@/lib/attachment/way";

export interface Shell {
  /** `null` until the terminal is there. */
  view: ShellView | null;
  /** The terminal's program could not be loaded. */
  broken: boolean;
  display: ShellDisplay | null;
  retryNow: () => void;
  agree: () => void;
  end: () => void;
  focus: () => void;
}

export function useShell(way: Way, box: RefObject<HTMLDivElement | null>, preferences: TerminalPreferences, onWay: (way: Way) => void): Shell {
  const [view, setView] = useState<ShellView | null>(null);
  const [broken, setBroken] = useState(false);
  const [display, setDisplay] = useState<ShellDisplay | null>(null);
  const attached = useRef<Attached | null>(null);
  const first = useRef({ way, preferences });
  const tellWay = useEffectEvent(onWay);
  const tellMeasured = useEffectEvent(useTellOpening());

  useEffect(() => {
    const { way: wanted, preferences: liked } = first.current;
    const element = box.current;
    if (element === null) return;
    let here = true;
    const begin = async () => {
      const made = await attach(element, wanted, liked, setView, (found) => tellWay(found), (measured) => tellMeasured(measured));
      if (!here) return made.detach();
      attached.current = made;
      setDisplay(made.display);
      const { cols, rows } = made.display.size;
      made.connection.start(wanted.session, loadPlace(wanted.session), cols, rows);
    };
    begin().catch(() => here && setBroken(true));
    return () => {
      here = false;
      attached.current?.detach();
      attached.current = null;
    };
  }, [box]);

  useEffect(() => attached.current?.display.prefer(preferences), [preferences]);

  return {
    view,
    broken,
    display,
    retryNow: () => attached.current?.connection.retryNow(),
    agree: () => {
      attached.current?.connection.agree();
      attached.current?.display.focus();
    },
    end: () => attached.current?.connection.end(),
    focus: () => attached.current?.display.focus(),
  };
}
