"use client";
/** How a grant may be used: the longest session, the idle limit, how long it goes on without the hub, what may pass between a desktop and its user's computer, and a text to agree to; as fields of a form, and in words. */
import { useState } from "react";
import { fieldError, useAction } from "@/lib/api/hooks";
import type { Grant } from "@/lib/api/schema";
import { ownZone } from "@/lib/zone-time";
import { anywhere } from "@/texts/anywhere";
import { grants } from "@/texts/grants";
import { Check, Checks, Input, Select, TextArea } from "@/ui/field";
import { useToast } from "@/ui/toast";
import { FormDialog, cleared } from "../../_components/form";
import { readSchedule, SCHEDULE, ScheduleFields } from "./schedule";
import { DAY_S, inWords, minutes, offlineChoices, seconds, USUAL_TRANSFER, WAYS, type Terms, type Way } from "./words";

export const TERMS = ["max_session_seconds", "idle_seconds", "consent", "offline_seconds", ...WAYS];
const MOST_MINUTES = 31 * 24 * 60;

/** A box that is not checked is not among the values. */
const readWays = (values: FormData): Record<Way, boolean> => ({
  clipboard_copy: values.has("clipboard_copy"),
  clipboard_paste: values.has("clipboard_paste"),
  file_download: values.has("file_download"),
  file_upload: values.has("file_upload"),
});

/** As the form has them; what is empty is `null`. */
export const readTerms = (values: FormData): Omit<Terms, "schedule"> => ({
  max_session_seconds: seconds(String(values.get("max_session_seconds") ?? "")),
  idle_seconds: seconds(String(values.get("idle_seconds") ?? "")),
  consent: cleared(values, "consent"),
  offline_seconds: Number(values.get("offline_seconds") ?? DAY_S),
  ...readWays(values),
});

export function TermsFields({ terms, error }: { terms?: Terms; error: unknown }) {
  const alone = terms?.offline_seconds ?? DAY_S;
  const limit = { type: "number", min: 1, max: MOST_MINUTES, step: "any", inputMode: "decimal", placeholder: grants.noLimit } as const;
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <Input {...limit} label={grants.longest} name="max_session_seconds" defaultValue={minutes(terms?.max_session_seconds)} hint={grants.longestHint} error={fieldError(error, "max_session_seconds")} />
        <Input {...limit} label={grants.idle} name="idle_seconds" defaultValue={minutes(terms?.idle_seconds)} hint={grants.idleHint} error={fieldError(error, "idle_seconds")} />
      </div>
      <Select label={grants.offline} name="offline_seconds" defaultValue={alone} hint={grants.offlineHint} error={fieldError(error, "offline_seconds")}>
        {offlineChoices(alone).map(({ value, label }) => <option key={value} value={value}>{label}</option>)}
      </Select>
      <Checks label={grants.desktops} hint={grants.transferHint}>
        {WAYS.map((way) => <Check key={way} label={grants.transfer[way]} name={way} defaultChecked={terms?.[way] ?? USUAL_TRANSFER[way]} />)}
      </Checks>
      <TextArea label={grants.consent} name="consent" maxLength={4000} rows={3} defaultValue={terms?.consent ?? ""} hint={grants.consentHint} error={fieldError(error, "consent")} />
    </>
  );
}

/** Changes a grant's terms, if nobody else did since this opened. */
export function EditTerms({ grant: latest, onClose }: { grant: Grant; onClose: () => void }) {
  const [grant] = useState(latest);
  const change = useAction("PATCH /api/v1/admin/grants/{id}");
  const say = useToast();
  const submit = async (values: FormData) => {
    await change.mutateAsync({ path: { id: grant.id }, body: { version: grant.version, ...readTerms(values), schedule: readSchedule(values) } });
    say(grants.isChanged(inWords(grant)));
  };
  return (
    <FormDialog title={grants.edit(inWords(grant))} description={grants.editAbout} action={anywhere.save} fields={[...TERMS, ...SCHEDULE]} onSubmit={submit} onClose={onClose}>
      {(error) => (
        <>
          <ScheduleFields schedule={grant.schedule} zone={ownZone()} error={error} />
          <TermsFields terms={grant} error={error} />
        </>
      )}
    </FormDialog>
  );
}
