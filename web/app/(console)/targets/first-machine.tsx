"use client";
import { useRef, useState } from "react";
import { fieldError, useAction } from "@/lib/api/hooks";
import type { CredentialKind, Me, Target, Zone } from "@/lib/api/schema";
import { adminTargets } from "@/texts/admin-targets";
import { anywhere } from "@/texts/anywhere";
import { credentials } from "@/texts/credentials";
import { firstRun } from "@/texts/first-run";
import { Choice, Input } from "@/ui/field";
import { useToast } from "@/ui/toast";
import { FormDialog, required } from "../_components/form";
import { Account, KINDS, SecretField, secretOf } from "../admin/credentials/fields";
import { SSH_PORT } from "../admin/targets/form";

const FIELDS = ["name", "hostname", "port", "username", "password", "private_key", "passphrase"];

interface Props {
  zone: Zone;
  /** A target that an earlier attempt left. */
  begun?: Target;
  me: Me;
  onClose: () => void;
}

/** A target, its credential and a grant to oneself. What was made stays when the next part is refused, and is not made twice. */
export function FirstMachine({ zone, begun: latest, me, onClose }: Props) {
  const [begun] = useState(latest);
  const createTarget = useAction("POST /api/v1/admin/targets");
  const changeTarget = useAction("PATCH /api/v1/admin/targets/{id}");
  const createCredential = useAction("POST /api/v1/admin/credentials");
  const createGrant = useAction("POST /api/v1/admin/grants");
  const [kind, setKind] = useState<CredentialKind>("password");
  const made = useRef<{ target?: string; credential?: string }>({ target: begun?.id });
  const say = useToast();
  const submit = async (values: FormData) => {
    const fields = { name: required(values, "name"), hostname: required(values, "hostname"), port: Number(required(values, "port")) };
    if (made.current.target === undefined) made.current.target = (await createTarget.mutateAsync({ body: { zone_id: zone.id, protocol: "ssh", ...fields } })).id;
    else await changeTarget.mutateAsync({ path: { id: made.current.target }, body: fields });
    const target_id = made.current.target;
    made.current.credential ??= (await createCredential.mutateAsync({ body: { target_id, username: required(values, "username"), ...secretOf(kind, values) } })).id;
    await createGrant.mutateAsync({ body: { user_id: me.id, target_id } });
    say(firstRun.added(fields.name));
  };
  return (
    <FormDialog title={firstRun.machine} description={firstRun.machineIn(zone.name)} action={firstRun.add} fields={FIELDS} onSubmit={submit} onClose={onClose}>
      {(error) => (
        <>
          <Input label={anywhere.name} name="name" required maxLength={255} placeholder={adminTargets.nameExample} defaultValue={begun?.name} error={fieldError(error, "name")} />
          <div className="grid grid-cols-[minmax(0,1fr)_6rem] gap-3">
            <Input label={adminTargets.host} name="hostname" required maxLength={255} placeholder={adminTargets.hostExample} autoCapitalize="none" spellCheck={false} defaultValue={begun?.hostname} hint={adminTargets.hostHint} error={fieldError(error, "hostname")} />
            <Input label={adminTargets.port} name="port" type="number" required min={1} max={65535} defaultValue={begun?.port ?? SSH_PORT} error={fieldError(error, "port")} />
          </div>
          <Account error={error} />
          <Choice label={credentials.secret} value={kind} options={KINDS} onChange={setKind} />
          <SecretField kind={kind} error={error} />
        </>
      )}
    </FormDialog>
  );
}
