"use client";
import { useState } from "react";
import { fieldError, useAction, useWholeList } from "@/lib/api/hooks";
import type { Credential, CredentialKind } from "@/lib/api/schema";
import { Choice, Input } from "@/ui/field";
import { useToast } from "@/ui/toast";
import { FormDialog, cleared, optional, required } from "../../_components/form";
import { Pick } from "../../_components/pick";
import { Account, KINDS, SecretField, secretOf } from "./fields";

const FIELDS = ["target_id", "username", "password", "private_key", "passphrase", "description"];
const CHANGED_KINDS: typeof KINDS = [
  { value: "password", label: "New password" },
  { value: "private_key", label: "New private key" },
];

function Description({ credential, error }: { credential?: Credential; error: unknown }) {
  return <Input label="Description (optional)" name="description" maxLength={2000} defaultValue={credential?.description ?? ""} error={fieldError(error, "description")} />;
}

/** Makes a credential. The secret leaves this page once and does not come back. */
export function CreateCredential({ onClose }: { onClose: () => void }) {
  const targets = useWholeList("GET /api/v1/admin/targets");
  const create = useAction("POST /api/v1/admin/credentials");
  const [kind, setKind] = useState<CredentialKind>("password");
  const say = useToast();
  const submit = async (values: FormData) => {
    const credential = await create.mutateAsync({
      body: {
        target_id: required(values, "target_id"),
        username: required(values, "username"),
        description: optional(values, "description"),
        ...secretOf(kind, values),
      },
    });
    say(`The credential of ${credential.username} on ${credential.target} is created.`);
  };
  const noTarget = targets.complete && targets.rows?.length === 0;
  return (
    <FormDialog
      title="Create credential"
      description="An account on a target."
      action="Create credential"
      fields={FIELDS}
      onSubmit={submit}
      onClose={onClose}
      why={noTarget ? "Create a target first" : null}
    >
      {(error) => (
        <>
          <Pick label="Target" name="target_id" required list={targets} text={(target) => `${target.name} (${target.zone})`} nothing="Choose a target" none="There is no target yet. Create one first." problem={fieldError(error, "target_id")} />
          <Account error={error} />
          <Choice label="Secret" value={kind} options={KINDS} onChange={setKind} />
          <SecretField kind={kind} error={error} />
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
    say(`The credential of ${changed.username} on ${changed.target} is changed.`);
  };
  return (
    <FormDialog
      title={`Edit credential of ${credential.username}`}
      description={`On target ${credential.target}. What is changed counts from the next session on.`}
      action="Save"
      fields={FIELDS}
      onSubmit={submit}
      onClose={onClose}
    >
      {(error) => (
        <>
          <Account credential={credential} error={error} />
          <Choice label="Secret" value={secret} options={[{ value: "stays", label: "Keep" }, ...CHANGED_KINDS]} onChange={setSecret} />
          {secret !== "stays" && <SecretField kind={secret} error={error} />}
          <Description credential={credential} error={error} />
        </>
      )}
    </FormDialog>
  );
}
