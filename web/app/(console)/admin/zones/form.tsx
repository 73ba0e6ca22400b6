"use client";
import { useState } from "react";
import { useRouter } from "next/navigation";
import { fieldError, useAction } from "@/lib/api/hooks";
import type { Zone } from "@/lib/api/schema";
import { MOST_DAYS, days } from "@/lib/retention";
import { routes } from "@/lib/routes";
import { ownZone } from "@/lib/zone-time";
import { anywhere } from "@/texts/anywhere";
import { zones } from "@/texts/zones";
import { Choice, Input, TextArea } from "@/ui/field";
import { useToast } from "@/ui/toast";
import { FormDialog, cleared, optional, required } from "../../_components/form";
import { TimeZone } from "../../_components/time-zone";

const FIELDS = ["name", "description", "timezone", "retention_days"];

type Hold = "no" | "yes";
const HOLD = (["no", "yes"] as const).map((value) => ({ value, label: zones.holdKinds[value] }));

function Fields({ zone, error }: { zone?: Zone; error: unknown }) {
  return (
    <>
      <Input label={anywhere.name} name="name" required maxLength={255} placeholder={zones.nameExample} defaultValue={zone?.name} hint={zones.nameHint} error={fieldError(error, "name")} />
      <TextArea label={anywhere.description} name="description" maxLength={2000} defaultValue={zone?.description ?? ""} error={fieldError(error, "description")} />
      <TimeZone label={zones.timezone} name="timezone" defaultValue={zone?.timezone ?? ownZone()} hint={zones.timezoneHint} error={fieldError(error, "timezone")} />
    </>
  );
}

/** How long recordings are kept: what is older is deleted while this is saved, so the form says so before. */
function Keeping({ zone, error }: { zone: Zone; error: unknown }) {
  const [hold, setHold] = useState<Hold>(zone.legal_hold ? "yes" : "no");
  const before = zone.retention_days ?? null;
  const [kept, setKept] = useState(before === null ? "" : String(before));
  const now = days(kept);
  const shorter = hold === "no" && now !== null && (zone.legal_hold || before === null || now < before);
  return (
    <>
      <Input label={zones.keepFor} name="retention_days" type="number" min={1} max={MOST_DAYS} step={1} inputMode="numeric" placeholder={zones.forEver} value={kept} onChange={(event) => setKept(event.target.value)} hint={zones.keepHint} error={fieldError(error, "retention_days")} />
      <div>
        <Choice label={zones.hold} value={hold} options={HOLD} onChange={setHold} />
        <p className="mt-1 text-[13px] text-faint">{zones.holdHint}</p>
        <input type="hidden" name="legal_hold" value={hold} />
      </div>
      {shorter && <p role="status" className="rounded-md bg-warn-soft px-3 py-2 text-[13px] text-warn">{zones.shorter(now)}</p>}
    </>
  );
}

/** Makes a zone and goes to its page, where its satellite is joined; with `stay` it goes nowhere. */
export function CreateZone({ onClose, stay }: { onClose: () => void; stay?: boolean }) {
  const create = useAction("POST /api/v1/admin/zones");
  const router = useRouter();
  const say = useToast();
  const submit = async (values: FormData) => {
    const body = { name: required(values, "name"), description: optional(values, "description"), timezone: required(values, "timezone") };
    const zone = await create.mutateAsync({ body });
    say(zones.isCreated(zone.name));
    if (!stay) router.push(routes.zone(zone.id));
  };
  return (
    <FormDialog title={zones.create} description={zones.createAbout} action={zones.create} fields={FIELDS} onSubmit={submit} onClose={onClose}>
      {(error) => <Fields error={error} />}
    </FormDialog>
  );
}

/** Changes a zone, if nobody else did since this opened. */
export function EditZone({ zone: latest, onClose }: { zone: Zone; onClose: () => void }) {
  const [zone] = useState(latest);
  const change = useAction("PATCH /api/v1/admin/zones/{id}");
  const say = useToast();
  const submit = async (values: FormData) => {
    const body = { version: zone.version, name: required(values, "name"), description: cleared(values, "description"), timezone: required(values, "timezone"), retention_days: days(String(values.get("retention_days") ?? "")), legal_hold: values.get("legal_hold") === "yes" };
    const changed = await change.mutateAsync({ path: { id: zone.id }, body });
    say(zones.isChanged(changed.name));
  };
  return (
    <FormDialog title={zones.edit(zone.name)} action={anywhere.save} fields={FIELDS} onSubmit={submit} onClose={onClose}>
      {(error) => <><Fields zone={zone} error={error} /><Keeping zone={zone} error={error} /></>}
    </FormDialog>
  );
}
