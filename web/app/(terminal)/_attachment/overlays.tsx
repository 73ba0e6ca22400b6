"use client";
/** What stands over an attachment's window while there is nothing else to see: consent, the way there, or why not. */
import type { AttachView } from "@/lib/attachment/machine";
import type { Way } from "@/lib/attachment/way";
import type { Session } from "@/lib/api/schema";
import { isAway } from "@/lib/commands";
import type { KindWords } from "@/texts/kinds";
import { Failure } from "@/ui/states";
import { Connecting } from "./connecting";
import { Consent } from "./consent";
import { Ended } from "./ended";
import { WatchLater } from "./watch-later";

interface Props {
  name: string;
  words: KindWords;
  way: Way;
  view: AttachView | null;
  shown: boolean;
  /** Its program could not be loaded: what to say of it. */
  broken: string | null;
  /** The session that an administrator may order to be watched later. */
  later: Session | null;
  onRetry: () => void;
  onAgree: () => void;
  onAttach: (way: Way) => void;
}

export function Overlays({ name, words, way, view, shown, broken, later, onRetry, onAgree, onAttach }: Props) {
  if (broken !== null) {
    return (
      <div className="absolute inset-x-4 top-10 mx-auto max-w-lg">
        <Failure onRetry={() => window.location.reload()}>{broken}</Failure>
      </div>
    );
  }
  const over = view?.phase === "over";
  if (!over && view?.consent) return <Consent name={name} text={view.consent} shown={shown} onAgree={onAgree} />;
  if (view?.opened) return null;
  if (over) return <Ended view={view} name={name} words={words} way={way} onAttach={onAttach} />;
  return (
    <Connecting name={name} words={words} view={view} resumes={way.session !== null} watches={way.watch} onRetry={onRetry}>
      {later && isAway(view?.waitingFor?.code) && <WatchLater session={later} />}
    </Connecting>
  );
}
