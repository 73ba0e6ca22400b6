"use client";
import { useState } from "react";
import { fieldError, useAction, useWholeList } from "@/lib/api/hooks";
import type { Target } from "@/lib/api/schema";
import { Choice, Input, TextArea } from "@/ui/field";
import { useToast } from "@/ui/toast";
import { FormDialog, cleared, optional, required } from "../../_components/form";
import { Pick } from "../../_components/pick";

const FIELDS = ["zone_id", "name", "hostname", "port", "labels", "description"];
export const SSH_PORT = 22;

/** Labels as they are typed: in a row, between blanks or commas. */
const labels = (values: FormData): string[] => required(values, "labels").split(/[\s,]+/).filter((label) => label !== "");

type Algorithms = "safe" | "old";

const ALGORITHMS: { value: Algorithms; label: string }[] = [
  { value: "safe", label: "Safe ones" },
  { value: "old", label: "Also old ones" },
];

/** What a new target and a changed one have in common; `target` is what stands. */
function Fields({ target, error }: { target?: Target; error: unknown }) {
  const [algorithms, setAlgorithms] = useState<Algorithms>(target?.old_algorithms ? "old" : "safe");
  return (
    <>
      <Input label="Name" name="name" required maxLength={255} placeholder="press-line-3" defaultValue={target?.name} error={fieldError(error, "name")} />
      <div className="grid grid-cols-[minmax(0,1fr)_6rem] gap-3">
        <Input label="Host" name="hostname" required maxLength={255} placeholder="10.20.0.7" autoCapitalize="none" spellCheck={false} defaultValue={target?.hostname} hint="Name or address, as the site knows it." error={fieldError(error, "hostname")} />
        <Input label="Port" name="port" type="number" required min={1} max={65535} defaultValue={target?.port ?? SSH_PORT} error={fieldError(error, "port")} />
      </div>
      <Input label="Labels (optional)" name="labels" placeholder="env=production line=3" autoCapitalize="none" spellCheck={false} defaultValue={target?.labels.join(" ")} hint="key=value, in a row. A grant may name one of them." error={fieldError(error, "labels")} />
      <div>
        <Choice label="SSH algorithms" value={algorithms} options={ALGORITHMS} onChange={setAlgorithms} />
        <input type="hidden" name="algorithms" value={algorithms} />
        {algorithms === "old" && <p className="mt-1.5 text-[13px] text-warn">SHA-1, CBC and 3DES can be broken by who stands between site and machine. Only for gear that knows nothing else.</p>}
      </div>
      <TextArea label="Description (optional)" name="description" maxLength={2000} rows={2} defaultValue={target?.description ?? ""} error={fieldError(error, "description")} />
    </>
  );
}

/** Makes a target of SSH, the protocol that can be opened. */
export function CreateTarget({ onClose }: { onClose: () => void }) {
  const zones = useWholeList("GET /api/v1/admin/zones");
  const create = useAction("POST /api/v1/admin/targets");
  const say = useToast();
  const submit = async (values: FormData) => {
    const target = await create.mutateAsync({
      body: {
        zone_id: required(values, "zone_id"),
        name: required(values, "name"),
        hostname: required(values, "hostname"),
        protocol: "ssh",
        port: Number(required(values, "port")),
        labels: labels(values),
        old_algorithms: values.get("algorithms") === "old",
        description: optional(values, "description"),
      },
    });
    say(`Target ${target.name} is created. It needs a credential and a grant to be opened.`);
  };
  const noZone = zones.complete && zones.rows?.length === 0;
  return (
    <FormDialog
      title="Create target"
      description="A machine that is reached over SSH."
      action="Create target"
      fields={FIELDS}
      onSubmit={submit}
      onClose={onClose}
      why={noZone ? "Create a zone first" : null}
    >
      {(error) => (
        <>
          <Pick label="Zone" name="zone_id" required list={zones} text={(zone) => (zone.enabled ? zone.name : `${zone.name} (disabled)`)} nothing="Choose a zone" none="There is no zone yet. Create one first." problem={fieldError(error, "zone_id")} />
          <Fields error={error} />
        </>
      )}
    </FormDialog>
  );
}

/** Changes a target, if nobody else did since this opened. */
export function EditTarget({ target: latest, onClose }: { target: Target; onClose: () => void }) {
  const [target] = useState(latest);
  const change = useAction("PATCH /api/v1/admin/targets/{id}");
  const say = useToast();
  const submit = async (values: FormData) => {
    const changed = await change.mutateAsync({
      path: { id: target.id },
      body: {
        version: target.version,
        name: required(values, "name"),
        hostname: required(values, "hostname"),
        port: Number(required(values, "port")),
        labels: labels(values),
        old_algorithms: values.get("algorithms") === "old",
        description: cleared(values, "description"),
      },
    });
    say(`Target ${changed.name} is changed.`);
  };
  return (
    <FormDialog title={`Edit target ${target.name}`} description={`In zone ${target.zone}. Sessions that run on it go on.`} action="Save" fields={FIELDS} onSubmit={submit} onClose={onClose}>
      {(error) => <Fields target={target} error={error} />}
    </FormDialog>
  );
}
