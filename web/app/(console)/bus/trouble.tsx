import { CircleAlert, CircleX } from "lucide-react";
import type { Stands } from "@/lib/bus";
import { cx } from "@/ui/cx";

/** What is wrong, what it means and what to do; nothing where all is well. */
export function Trouble({ stands: { tone, trouble } }: { stands: Stands }) {
  if (!trouble) return null;
  const bad = tone === "bad";
  const Icon = bad ? CircleX : CircleAlert;
  return (
    <div role="status" className={cx("mb-5 flex items-start gap-2.5 rounded-xl border px-4 py-2.5", bad ? "border-bad/40 bg-bad-soft text-bad" : "border-warn/40 bg-warn-soft text-warn")}>
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="min-w-0">
        <p className="font-medium">{trouble.title}</p>
        <p className="text-[13px] break-words text-ink">{trouble.about}</p>
      </div>
    </div>
  );
}
