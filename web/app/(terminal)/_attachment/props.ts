/** What the page gives every attachment that it shows, and hears from it. */
import type { RefObject } from "react";
import type { TabLook } from "@/lib/attachment/tab-look";
import type { Way } from "@/lib/attachment/way";

export interface AttachmentProps {
  way: Way;
  shown: boolean;
  /** Its session stands. */
  onWay: (way: Way) => void;
  onAttach: (way: Way) => void;
  onLook: (look: TabLook) => void;
  onGoTo: () => void;
  /** Opens another one beside it; `null` where the row of tabs offers that. */
  onAdd: (() => void) | null;
  /** The shown one's: gives what is shown the focus. */
  takeFocus: RefObject<() => void>;
}
