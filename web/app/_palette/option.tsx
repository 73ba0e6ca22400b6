import { FileText, Server, SquareTerminal } from "lucide-react";
import type { Ranked } from "@/lib/palette/rank";
import { palette } from "@/texts/palette";
import { cx } from "@/ui/cx";

const ICONS = { session: SquareTerminal, target: Server, page: FileText };

/** A name with the letters that were found. */
function Name({ text, at }: { text: string; at: number[] }) {
  if (at.length === 0) return text;
  return [...text].map((character, index) => (at.includes(index) ? <b key={index} className="font-semibold text-accent">{character}</b> : character));
}

interface Props {
  id: string;
  ranked: Ranked;
  active: boolean;
  onPoint: () => void;
  onGo: () => void;
}

export function Option({ id, ranked: { entry, at }, active, onPoint, onGo }: Props) {
  const Icon = entry.icon ?? ICONS[entry.kind];
  return (
    // The keys are the field's above; the mouse must not take the focus from it.
    <li
      id={id}
      role="option"
      aria-selected={active}
      onMouseMove={onPoint}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onGo}
      className={cx("flex cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-2", active && "bg-hover")}
    >
      <Icon className={cx("size-4 shrink-0", active ? "text-accent" : "text-faint")} aria-hidden />
      <span className="flex min-w-0 flex-1 items-baseline gap-2">
        <span className="max-w-[75%] shrink-0 truncate font-medium"><Name text={entry.name} at={at} /></span>
        {entry.about && <span className="min-w-0 truncate text-[13px] text-muted">{entry.about}</span>}
      </span>
      <span className={cx("shrink-0 text-xs", entry.trouble ? "text-warn" : "text-muted")}>{entry.trouble ?? palette.kinds[entry.kind]}</span>
    </li>
  );
}
