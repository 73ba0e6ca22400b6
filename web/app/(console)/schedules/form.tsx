"use client";
import { useState } from "react";
import { fieldError, useAction, useWholeList } from "@/lib/api/hooks";
import type { ScheduledAccess } from "@/lib/api/schema";
import { ownZone } from "@/lib/zone-time";
import { anywhere } from "@/texts/anywhere";
import { changes } from "@/texts/changes";
import { grants } from "@/texts/grants";
import { schedulePages } from "@/texts/schedule-pages";
import { useToast } from "@/ui/toast";
import { readTerms, TERMS, TermsFields } from "../admin/grants/terms";
import { FormDialog, required } from "../_components/form";
import { Pick } from "../_components/pick";
import { readWindows, WindowFields, WINDOWS } from "../_components/window-fields";

const marked = (name: string, enabled: boolean): string => (enabled ? name : changes.disabledOne(name));
const inWords = ({ user, target }: ScheduledAccess): string => schedulePages.userOn(user, target);

/** Makes a schedule; its form begins with the time zone of the target's site. */
export function CreateSchedule({ onClose }: { onClose: () => void }) {
  const create = useAction("POST /api/v1/schedules");
  const users = useWholeList("GET /api/v1/admin/users");
  const targets = useWholeList("GET /api/v1/admin/targets");
  const zones = useWholeList("GET /api/v1/admin/zones");
  const [target, setTarget] = useState("");
  const say = useToast();
  const site = targets.rows?.find(({ id }) => id === target)?.zone_id;
  const zone = zones.rows?.find(({ id }) => id === site)?.timezone ?? ownZone();
  const submit = async (values: FormData) => {
    const body = { user_id: required(values, "user_id"), target_id: required(values, "target_id"), ...readWindows(values), ...readTerms(values) };
    say(schedulePages.isCreated(inWords(await create.mutateAsync({ body }))));
  };
  return (
    <FormDialog title={schedulePages.create} description={schedulePages.createAbout} action={schedulePages.create} fields={["user_id", "target_id", ...WINDOWS, ...TERMS]} onSubmit={submit} onClose={onClose}>
      {(error) => (
        <>
          <Pick label={anywhere.user} name="user_id" required list={users} text={(user) => marked(user.username, user.enabled)} nothing={grants.chooseUser} problem={fieldError(error, "user_id")} />
          <Pick label={anywhere.target} name="target_id" required onChange={(event) => setTarget(event.target.value)} list={targets} text={(row) => marked(anywhere.targetIn(row.name, row.zone), row.enabled)} nothing={anywhere.chooseTarget} none={grants.noTarget} problem={fieldError(error, "target_id")} />
          <WindowFields zone={zone} error={error} />
          <TermsFields error={error} />
        </>
      )}
    </FormDialog>
  );
}

/** Changes a schedule, if nobody else did since this opened. */
export function EditSchedule({ schedule: latest, onClose }: { schedule: ScheduledAccess; onClose: () => void }) {
  const [schedule] = useState(latest);
  const change = useAction("PATCH /api/v1/schedules/{id}");
  const say = useToast();
  const submit = async (values: FormData) => {
    const { recurrence_rule = null, ...windows } = readWindows(values);
    await change.mutateAsync({ path: { id: schedule.id }, body: { version: schedule.version, ...windows, recurrence_rule, ...readTerms(values) } });
    say(schedulePages.isChanged(inWords(schedule)));
  };
  return (
    <FormDialog title={schedulePages.editTitle(inWords(schedule))} description={schedulePages.editAbout} action={anywhere.save} fields={[...WINDOWS, ...TERMS]} onSubmit={submit} onClose={onClose}>
      {(error) => (
        <>
          <WindowFields schedule={schedule} zone={schedule.timezone} error={error} />
          <TermsFields terms={schedule} error={error} />
        </>
      )}
    </FormDialog>
  );
}
