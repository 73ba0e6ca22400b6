"use client";
import { useRouter } from "next/navigation";
import { fieldError, useAction } from "@/lib/api/hooks";
import { routes } from "@/lib/routes";
import { Input, TextArea } from "@/ui/field";
import { useToast } from "@/ui/toast";
import { FormDialog, optional, required } from "../../_components/form";

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
    <FormDialog title="Create zone" description="A site with its machines." action="Create zone" fields={["name", "description"]} onSubmit={submit} onClose={onClose}>
      {(error) => (
        <>
          <Input label="Name" name="name" required maxLength={255} placeholder="plant-7" hint="People see it beside every target." error={fieldError(error, "name")} />
          <TextArea label="Description (optional)" name="description" maxLength={2000} error={fieldError(error, "description")} />
        </>
      )}
    </FormDialog>
  );
}
