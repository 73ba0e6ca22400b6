"use client";
import { useState } from "react";
import { fieldError, useAction, useWholeList } from "@/lib/api/hooks";
import type { Protocol, Target } from "@/lib/api/schema";
import { adminTargets } from "@/texts/admin-targets";
import { changes } from "@/texts/changes";
import { anywhere } from "@/texts/anywhere";
import { Choice, Input, TextArea } from "@/ui/field";
import { useToast } from "@/ui/toast";
import { FormDialog, cleared, optional, required } from "../../_components/form";
import { Pick } from "../../_components/pick";
import { DesktopFields } from "./desktop";
import { DESKTOP, readDesktop } from "./desktop-values";

const FIELDS = ["zone_id", "name", "hostname", "port", "labels", "description", ...DESKTOP];
export const SSH_PORT = 22;
/** Where machines listen, where nobody chose otherwise. */
const PORTS: Record<Protocol, number> = { ssh: SSH_PORT, rdp: 3389, vnc: 5900 };
const PROTOCOLS = (["ssh", "rdp", "vnc"] as const).map((value) => ({ value, label: adminTargets.protocols[value] }));

/** Labels as they are typed: in a row, between blanks or commas. */
const labels = (values: FormData): string[] => required(values, "labels").split(/[\s,]+/).filter((label) => label !== "");

const protocolOf = (values: FormData): Protocol => PROTOCOLS.find(({ value }) => value === values.get("protocol"))?.value ?? "ssh";

type Algorithms = "safe" | "old";

const ALGORITHMS = (["safe", "old"] as const).map((value) => ({ value, label: adminTargets.algorithmKinds[value] }));

/** What a new target and a changed one have in common; `target` is what stands. */
function Fields({ target, error }: { target?: Target; error: unknown }) {
  const [protocol, setProtocol] = useState<Protocol>(target?.protocol ?? "ssh");
  const [port, setPort] = useState(String(target?.port ?? SSH_PORT));
  const choose = (chosen: Protocol) => {
    // A port that was typed stays.
    if (port === String(PORTS[protocol])) setPort(String(PORTS[chosen]));
    setProtocol(chosen);
  };
  const [algorithms, setAlgorithms] = useState<Algorithms>(target?.old_algorithms ? "old" : "safe");
  return (
    <>
      {target === undefined && <Choice label={adminTargets.protocol} value={protocol} options={PROTOCOLS} onChange={choose} />}
      <input type="hidden" name="protocol" value={protocol} />
      <Input label={anywhere.name} name="name" required maxLength={255} placeholder={adminTargets.nameExample} defaultValue={target?.name} error={fieldError(error, "name")} />
      <div className="grid grid-cols-[minmax(0,1fr)_6rem] gap-3">
        <Input label={adminTargets.host} name="hostname" required maxLength={255} placeholder={adminTargets.hostExample} autoCapitalize="none" spellCheck={false} defaultValue={target?.hostname} hint={adminTargets.hostHint} error={fieldError(error, "hostname")} />
        <Input label={adminTargets.port} name="port" type="number" required min={1} max={65535} value={port} onChange={(event) => setPort(event.target.value)} error={fieldError(error, "port")} />
      </div>
      <Input label={adminTargets.labels} name="labels" placeholder={adminTargets.labelsExample} autoCapitalize="none" spellCheck={false} defaultValue={target?.labels.join(" ")} hint={adminTargets.labelsHint} error={fieldError(error, "labels")} />
      {protocol === "ssh" && (
        <div>
          <Choice label={adminTargets.algorithms} value={algorithms} options={ALGORITHMS} onChange={setAlgorithms} />
          <input type="hidden" name="algorithms" value={algorithms} />
          {algorithms === "old" && <p className="mt-1.5 text-[13px] text-warn">{adminTargets.oldAlgorithms}</p>}
        </div>
      )}
      <TextArea label={anywhere.description} name="description" maxLength={2000} rows={2} defaultValue={target?.description ?? ""} error={fieldError(error, "description")} />
      {protocol !== "ssh" && <DesktopFields key={protocol} protocol={protocol} of={target?.desktop} error={error} />}
    </>
  );
}

/** Makes a target. */
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
        protocol: protocolOf(values),
        port: Number(required(values, "port")),
        labels: labels(values),
        old_algorithms: values.get("algorithms") === "old",
        desktop: readDesktop(protocolOf(values), values),
        description: optional(values, "description"),
      },
    });
    say(adminTargets.isCreated(target.name));
  };
  const noZone = zones.complete && zones.rows?.length === 0;
  return (
    <FormDialog
      title={adminTargets.create}
      description={adminTargets.createAbout}
      action={adminTargets.create}
      fields={FIELDS}
      onSubmit={submit}
      onClose={onClose}
      why={noZone ? adminTargets.zoneFirst : null}
    >
      {(error) => (
        <>
          <Pick label={anywhere.zone} name="zone_id" required list={zones} text={(zone) => (zone.enabled ? zone.name : changes.disabledOne(zone.name))} nothing={anywhere.chooseZone} none={adminTargets.noZone} problem={fieldError(error, "zone_id")} />
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
        desktop: readDesktop(target.protocol, values),
        description: cleared(values, "description"),
      },
    });
    say(adminTargets.isChanged(changed.name));
  };
  return (
    <FormDialog title={adminTargets.edit(target.name)} description={adminTargets.editAbout(target.zone)} action={anywhere.save} fields={FIELDS} onSubmit={submit} onClose={onClose}>
      {(error) => <Fields target={target} error={error} />}
    </FormDialog>
  );
}
