"use client";
import { useState } from "react";
import { fieldError, useAction } from "@/lib/api/hooks";
import type { Group } from "@/lib/api/schema";
import { anywhere } from "@/texts/anywhere";
import { groups } from "@/texts/groups";
import { Input, TextArea } from "@/ui/field";
import { useToast } from "@/ui/toast";
import { FormDialog, cleared, optional, required } from "../../_components/form";

const FIELDS = ["name", "description"];

function Fields({ group, error }: { group?: Group; error: unknown }) {
  return (
    <>
      <Input label={anywhere.name} name="name" required maxLength={255} placeholder={groups.nameExample} defaultValue={group?.name} error={fieldError(error, "name")} />
      <TextArea label={anywhere.description} name="description" maxLength={2000} rows={2} defaultValue={group?.description ?? ""} error={fieldError(error, "description")} />
    </>
  );
}

/** Makes a group, whose members come next. */
export function CreateGroup({ onCreated, onClose }: { onCreated: (id: string) => void; onClose: () => void }) {
  const create = useAction("POST /api/v1/admin/groups");
  const say = useToast();
  const submit = async (values: FormData) => {
    const group = await create.mutateAsync({ body: { name: required(values, "name"), description: optional(values, "description") } });
    say(groups.isCreated(group.name));
    onCreated(group.id);
  };
  return (
    <FormDialog title={groups.create} description={groups.createAbout} action={groups.create} fields={FIELDS} onSubmit={submit} onClose={onClose}>
      {(error) => <Fields error={error} />}
    </FormDialog>
  );
}

/** Changes a group, if nobody else did since this opened. */
export function EditGroup({ group: latest, onClose }: { group: Group; onClose: () => void }) {
  const [group] = useState(latest);
  const change = useAction("PATCH /api/v1/admin/groups/{id}");
  const say = useToast();
  const submit = async (values: FormData) => {
    const body = { version: group.version, name: required(values, "name"), description: cleared(values, "description") };
    const changed = await change.mutateAsync({ path: { id: group.id }, body });
    say(groups.isChanged(changed.name));
  };
  return (
    <FormDialog title={groups.edit(group.name)} action={anywhere.save} fields={FIELDS} onSubmit={submit} onClose={onClose}>
      {(error) => <Fields group={group} error={error} />}
    </FormDialog>
  );
}
