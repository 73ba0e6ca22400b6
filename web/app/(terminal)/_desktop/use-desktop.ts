"use client";
/** One attachment to a desktop in React's words. Attaches when mounted, lets go when unmounted; another one is another mount. */
import { useEffect, useEffectEvent, useRef, useState, type RefObject } from "react";
import type { Way } from "@/lib/attachment/way";
import type { DesktopView } from "@/lib/desktop/machine";
import type { Quality } from "@/lib/desktop/quality";
import { useToast } from "@/ui/toast";
import { attach, type Attached } from "./attach";
import { NO_FILES, type FilesState } from "./files";

export interface Desktop {
  /** `null` until Guacamole's client is there. */
  view: DesktopView | null;
  /** Its program could not be loaded. */
  broken: boolean;
  /** There is something to see. */
  pictured: boolean;
  /** On the desktop's clipboard. */
  text: string;
  files: FilesState;
  attached: Attached | null;
}

interface Wanted {
  way: Way;
  box: RefObject<HTMLDivElement | null>;
  shown: boolean;
  quality: Quality;
  onWay: (way: Way) => void;
  onPanel: () => void;
}

export function useDesktop({ way, box, shown, quality, onWay, onPanel }: Wanted): Desktop {
  const say = useToast();
  const [view, setView] = useState<DesktopView | null>(null);
  const [broken, setBroken] = useState(false);
  const [pictured, setPictured] = useState(false);
  const [text, setText] = useState("");
  const [files, setFiles] = useState(NO_FILES);
  const [attached, setAttached] = useState<Attached | null>(null);
  const first = useRef(way);
  const firstQuality = useRef(quality);
  const isShown = useRef(shown);
  useEffect(() => {
    isShown.current = shown;
  }, [shown]);
  const tellWay = useEffectEvent(onWay);
  const tellPanel = useEffectEvent(onPanel);
  const tell = useEffectEvent((words: string, bad: boolean) => say(words, { bad }));

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    let here = true;
    let made: Attached | null = null;
    const begin = async () => {
      made = await attach(element, first.current, firstQuality.current, {
        onView: setView,
        onWay: (found) => tellWay(found),
        onPictured: () => setPictured(true),
        onText: setText,
        onFiles: setFiles,
        onPanel: () => tellPanel(),
        say: (words, bad) => tell(words, bad),
        shown: () => isShown.current,
      });
      if (!here) return made.detach();
      setAttached(made);
      made.connection.start(first.current.session);
    };
    begin().catch(() => here && setBroken(true));
    return () => {
      here = false;
      made?.detach();
      setAttached(null);
    };
  }, [box]);

  useEffect(() => attached?.connection.wants(quality), [attached, quality]);

  return { view, broken, pictured, text, files, attached };
}
