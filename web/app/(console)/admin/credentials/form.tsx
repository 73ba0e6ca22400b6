"use client";
import { useState } from "react";
import { fieldError, useAction, useWholeList } from "@/lib/api/hooks";
import type { Credential, CredentialKind } from "@/lib/api/schema";
import { anywhere } from "@/texts/anywhere";
import { credentials } from "@/texts/credentials";
import { Choice, Input } from "@/ui/field";
import { useToast } from "@/ui/toast";
import { FormDialog, cleared, optional, required } from "../../_components/form";
import { Pick } from "../../_components/pick";
import { Account, CHANGED_KINDS, KINDS, SecretField, secretOf } from "./fields";

const FIELDS = ["target_id", "username", "password", "private_key", "passphrase", "description"];

function Description({ credential, error }: { credential?: Credential; error: unknown }) {
  return <Input label={anywhere.description} name="description" maxLength={2000} defaultValue={credential?.description ?? ""} error={fieldError(error, "description")} />;
}

/** Makes a credential. The secret leaves this page once and does not come back. */
export function CreateCredential({ onClose }: { onClose: () => void }) {
  const targets = useWholeList("GET /api/v1/admin/targets");
  const create = useAction("POST /api/v1/admin/credentials");
  const [kind, setKind] = useState<CredentialKind>("password");
  const [chosen, setChosen] = useState("");
  // Desktops take passwords alone.
  const isShell = (targets.rows?.find(({ id }) => id === chosen)?.protocol ?? "ssh") === "ssh";
  const secret = isShell ? kind : "password";
  const say = useToast();
  const submit = async (values: FormData) => {
    const credential = await create.mutateAsync({
      body: {
        target_id: required(values, "target_id"),
        username: required(values, "username"),
        description: optional(values, "description"),
        ...secretOf(secret, values),
      },
    });
    say(credentials.isCreated(credential.username, credential.target));
  };
  const noTarget = targets.complete && targets.rows?.length === 0;
  return (
    <FormDialog
      title={credentials.create}
      description={credentials.createAbout}
      action={credentials.create}
      fields={FIELDS}
      onSubmit={submit}
      onClose={onClose}
      why={noTarget ? credentials.targetFirst : null}
    >
      {(error) => (
        <>
          <Pick label={anywhere.target} name="target_id" required onChange={(event) => setChosen(event.target.value)} list={targets} text={(target) => anywhere.targetIn(target.name, target.zone)} nothing={anywhere.chooseTarget} none={credentials.noTarget} problem={fieldError(error, "target_id")} />
          <Account error={error} />
          {isShell && <Choice label={credentials.secret} value={kind} options={KINDS} onChange={setKind} />}
          <SecretField kind={secret} error={error} />
          <Description error={error} />
        </>
      )}
    </FormDialog>
  );
}

/** Changes a credential, if nobody else did since this opened. Its secret stays unless another one is typed. */
export function EditCredential({ credential: latest, onClose }: { credential: Credential; onClose: () => void }) {
  const [credential] = useState(latest);
  const change = useAction("PATCH /api/v1/admin/credentials/{id}");
  const [secret, setSecret] = useState<CredentialKind | "stays">("stays");
  const say = useToast();
  const submit = async (values: FormData) => {
    const changed = await change.mutateAsync({
      path: { id: credential.id },
      body: {
        version: credential.version,
        username: required(values, "username"),
        description: cleared(values, "description"),
        ...(secret === "stays" ? {} : secretOf(secret, values)),
      },
    });
    say(credentials.isChanged(changed.username, changed.target));
  };
  return (
    <FormDialog
      title={credentials.edit(credential.username)}
      description={credentials.editAbout(credential.target)}
      action={anywhere.save}
      fields={FIELDS}
      onSubmit={submit}
      onClose={onClose}
    >
      {(error) => (
        <>
          <Account credential={credential} error={error} />
          <Choice label={credentials.secret} value={secret} options={[{ value: "stays", label: credentials.keep }, ...CHANGED_KINDS]} onChange={setSecret} />
          {secret !== "stays" && <SecretField kind={secret} error={error} />}
          <Description credential={credential} error={error} />
        </>
      )}
    </FormDialog>
  );
}
