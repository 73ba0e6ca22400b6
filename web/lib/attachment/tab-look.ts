/** What the row of tabs says of a session: how it stands, in a word that is read or heard. Pure. */
import { anywhere } from "@/texts/anywhere";
import { shell } from "@/texts/shell";
import type { AttachView } from "./machine";

export type TabState = "connecting" | "live" | "reconnecting" | "ended";

export interface TabLook {
  name: string;
  state: TabState;
  /** It printed something since it was last shown: shells know. */
  unseen: boolean;
  /** Closing the tab leaves a session that goes on. */
  goesOn: boolean;
}

export const NEW_LOOK: TabLook = { name: anywhere.target, state: "connecting", unseen: false, goesOn: false };

export function tabState(view: Pick<AttachView, "phase" | "linkLost"> | null): TabState {
  if (view === null || view.phase === "connecting") return "connecting";
  if (view.phase === "over") return "ended";
  return view.phase === "reconnecting" || view.linkLost !== null ? "reconnecting" : "live";
}

export const tabWords = ({ state, unseen }: TabLook): string => (unseen ? shell.withNewOutput(shell.tabStates[state]) : shell.tabStates[state]);
