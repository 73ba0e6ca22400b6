"use client";
/** When a grant holds: always, or in windows; as fields of a form. */
import { useState } from "react";
import type { Schedule } from "@/lib/api/schema";
import { schedules } from "@/texts/schedules";
import { Choice } from "@/ui/field";
import { readWindows, WindowFields, WINDOWS } from "../../_components/window-fields";

const WITHIN = "schedule.";

export const SCHEDULE = WINDOWS.map((field) => WITHIN + field);

type Kind = "always" | "windows";

const KINDS = (["always", "windows"] as const).map((value) => ({ value, label: schedules.kinds[value] }));

/** As the form has it; `null`: always. */
export const readSchedule = (values: FormData): Schedule | null => (values.get("when") === "windows" ? readWindows(values, WITHIN) : null);

/** `zone`: on whose clocks a new one begins. */
export function ScheduleFields({ schedule, zone, error }: { schedule?: Schedule | null; zone: string; error: unknown }) {
  const [kind, setKind] = useState<Kind>(schedule ? "windows" : "always");
  return (
    <>
      <Choice label={schedules.when} value={kind} options={KINDS} onChange={setKind} />
      <input type="hidden" name="when" value={kind} />
      {kind === "windows" && <WindowFields schedule={schedule} zone={zone} within={WITHIN} error={error} />}
    </>
  );
}
