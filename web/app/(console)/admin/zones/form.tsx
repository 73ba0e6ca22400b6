"use client";
import { useState } from "react";
import { useRouter } from "next/navigation";
import { fieldError, useAction } from "@/lib/api/hooks";
import type { Zone } from "@/lib/api/schema";
import { routes } from "@/lib/routes";
import { Input, TextArea } from "@/ui/field";
import { useToast } from "@/ui/toast";
import { FormDialog, cleared, optional, required } from "../../_components/form";

const FIELDS = ["name", "description"];

function Fields({ zone, error }: { zone?: Zone; error: unknown }) {
  return (
    <>
      <Input label="Name" name="name" required maxLength={255} placeholder="plant-7" defaultValue={zone?.name} hint="People see it beside every target." error={fieldError(error, "name")} />
      <TextArea label="Description (optional)" name="description" maxLength={2000} defaultValue={zone?.description ?? ""} error={fieldError(error, "description")} />
    </>
  );
}

/** Makes a zone and goes to its page, where its satellite is joined. */
export function CreateZone({ onClose }: { onClose: () => void }) {
  const create = useAction("POST /api/v1/admin/zones");
  const router = useRouter();
  const say = useToast();
  const submit = async (values: FormData) => {
    const body = { name: required(values, "name"), description: optional(values, "description") };
    const zone = await create.mutateAsync({ body });
    say(`Zone ${zone.name} is created.`);
    router.push(routes.zone(zone.id));
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
    const body = { version: zone.version, name: required(values, "name"), description: cleared(values, "description") };
    const changed = await change.mutateAsync({ path: { id: zone.id }, body });
    say(`Zone ${changed.name} is changed.`);
  };
  return (
    <FormDialog title={`Edit zone ${zone.name}`} action="Save" fields={FIELDS} onSubmit={submit} onClose={onClose}>
      {(error) => <Fields zone={zone} error={error} />}
    </FormDialog>
  );
}
