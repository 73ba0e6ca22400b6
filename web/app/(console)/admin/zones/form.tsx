"use client";
import { useState } from "react";
import { useRouter } from "next/navigation";
import { fieldError, useAction } from "@/lib/api/hooks";
import type { Zone } from "@/lib/api/schema";
import { MOST_DAYS, days } from "@/lib/retention";
import { routes } from "@/lib/routes";
import { Choice, Input, TextArea } from "@/ui/field";
import { useToast } from "@/ui/toast";
import { FormDialog, cleared, optional, required } from "../../_components/form";

const FIELDS = ["name", "description", "retention_days"];

type Hold = "no" | "yes";
const HOLD: { value: Hold; label: string }[] = [
  { value: "no", label: "None" },
  { value: "yes", label: "Stands" },
];

function Fields({ zone, error }: { zone?: Zone; error: unknown }) {
  return (
    <>
      <Input label="Name" name="name" required maxLength={255} placeholder="plant-7" defaultValue={zone?.name} hint="People see it beside every target." error={fieldError(error, "name")} />
      <TextArea label="Description (optional)" name="description" maxLength={2000} defaultValue={zone?.description ?? ""} error={fieldError(error, "description")} />
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
      <Input label="Keep recordings for, in days (optional)" name="retention_days" type="number" min={1} max={MOST_DAYS} step={1} inputMode="numeric" placeholder="For ever" value={kept} onChange={(event) => setKept(event.target.value)} hint="Counted from the end of each session." error={fieldError(error, "retention_days")} />
      <div>
        <Choice label="Legal hold" value={hold} options={HOLD} onChange={setHold} />
        <p className="mt-1 text-[13px] text-faint">While it stands nothing of this zone is deleted, however old.</p>
        <input type="hidden" name="legal_hold" value={hold} />
      </div>
      {shorter && <p role="status" className="rounded-md bg-warn-soft px-3 py-2 text-[13px] text-warn">{`Recordings of sessions that ended more than ${now} ${now === 1 ? "day" : "days"} ago are deleted for good, within a minute of saving.`}</p>}
    </>
  );
}

/** Makes a zone and goes to its page, where its satellite is joined; with `stay` it goes nowhere. */
export function CreateZone({ onClose, stay }: { onClose: () => void; stay?: boolean }) {
  const create = useAction("POST /api/v1/admin/zones");
  const router = useRouter();
  const say = useToast();
  const submit = async (values: FormData) => {
    const body = { name: required(values, "name"), description: optional(values, "description") };
    const zone = await create.mutateAsync({ body });
    say(`Zone ${zone.name} is created.`);
    if (!stay) router.push(routes.zone(zone.id));
  };
  return (
    <FormDialog title="Create zone" description="A site with its machines." action="Create zone" fields={FIELDS} onSubmit={submit} onClose={onClose}>
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
    const body = { version: zone.version, name: required(values, "name"), description: cleared(values, "description"), retention_days: days(String(values.get("retention_days") ?? "")), legal_hold: values.get("legal_hold") === "yes" };
    const changed = await change.mutateAsync({ path: { id: zone.id }, body });
    say(`Zone ${changed.name} is changed.`);
  };
  return (
    <FormDialog title={`Edit zone ${zone.name}`} action="Save" fields={FIELDS} onSubmit={submit} onClose={onClose}>
      {(error) => <><Fields zone={zone} error={error} /><Keeping zone={zone} error={error} /></>}
    </FormDialog>
  );
}
