import { CircleAlert, CircleCheck, CircleX } from "lucide-react";
import type { FindingLevel, SiteCommand } from "@/lib/api/schema";
import { stateTone, took, trouble, worst } from "@/lib/commands";
import { commands } from "@/texts/commands";
import { Badge } from "@/ui/badge";
import { cx } from "@/ui/cx";
import { Progress } from "@/ui/progress";
import { Time } from "../_components/page";

const ICONS: Record<FindingLevel, { icon: typeof CircleCheck; look: string }> = {
  ok: { icon: CircleCheck, look: "text-ok" },
  warning: { icon: CircleAlert, look: "text-warn" },
  failed: { icon: CircleX, look: "text-bad" },
};

export function LevelIcon({ level }: { level: FindingLevel }) {
  const { icon: Icon, look } = ICONS[level];
  return <Icon className={cx("size-4 shrink-0", look)} role="img" aria-label={commands.levels[level]} />;
}

/** More than its state: how far it is, until when it waits, what came of it in a few words. */
function More({ command }: { command: SiteCommand }) {
  const { state, kind, percent, step, expires_at: expires, findings, message } = command;
  if (state === "waiting" || state === "sent") return commands.expiresIn(<Time value={expires} ago />);
  if (state === "running") {
    const text = commands.progress(percent, step);
    return (
      <div className="w-36 space-y-1 pt-1 sm:w-48">
        <Progress percent={percent} label={commands.progressOf(commands.kinds[kind].word)} text={text} />
        <div className="truncate">{text}</div>
      </div>
    );
  }
  if (state === "failed") return trouble(command)?.title;
  const level = worst(findings);
  if (state !== "done" || !message) return null;
  return <span className="inline-flex items-start gap-1.5">{level && level !== "ok" && <span className="pt-0.5"><LevelIcon level={level} /></span>}{message}</span>;
}

export function StateBadge({ command: { state } }: { command: SiteCommand }) {
  return <Badge tone={stateTone(state)} dot title={commands.statesAbout[state]}>{commands.states[state]}</Badge>;
}

/** How a command stands. */
export function Standing({ command }: { command: SiteCommand }) {
  const time = took(command);
  return (
    <>
      <StateBadge command={command} />
      {time && <span className="ml-2 hidden text-[13px] text-muted sm:inline">{commands.took(time)}</span>}
      <div className="mt-0.5 w-max max-w-44 text-[13px] whitespace-normal text-muted sm:max-w-72"><More command={command} /></div>
    </>
  );
}
