"use client";
import { fieldError, useAction } from "@/lib/api/hooks";
import { Input, TextArea } from "@/ui/field";
import { useToast } from "@/ui/toast";
import { FormDialog, optional, required } from "../../_components/form";

/** Makes a group, whose members come next. */
export function CreateGroup({ onCreated, onClose }: { onCreated: (id: string) => void; onClose: () => void }) {
  const create = useAction("POST /api/v1/admin/groups");
  const say = useToast();
  const submit = async (values: FormData) => {
    const group = await create.mutateAsync({ body: { name: required(values, "name"), description: optional(values, "description") } });
    say(`Group ${group.name} is created.`);
    onCreated(group.id);
  };
  return (
    <FormDialog title="Create group" description="Its members are chosen next." action="Create group" fields={["name", "description"]} onSubmit={submit} onClose={onClose}>
      {(error) => (
        <>
          <Input label="Name" name="name" required maxLength={255} placeholder="Maintenance" error={fieldError(error, "name")} />
          <TextArea label="Description (optional)" name="description" maxLength={2000} rows={2} error={fieldError(error, "description")} />
        </>
      )}
    </FormDialog>
  );
}
