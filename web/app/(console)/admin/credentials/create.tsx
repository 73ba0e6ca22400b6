"use client";
import { useState } from "react";
import { fieldError, useAction, useWholeList } from "@/lib/api/hooks";
import type { CredentialKind } from "@/lib/api/schema";
import { Choice, Input, TextArea } from "@/ui/field";
import { useToast } from "@/ui/toast";
import { FormDialog, optional, required } from "../../_components/form";
import { Pick } from "../../_components/pick";

const FIELDS = ["target_id", "username", "password", "private_key", "description"];
const KINDS: { value: CredentialKind; label: string }[] = [
  { value: "password", label: "Password" },
  { value: "private_key", label: "Private key" },
];

/** A key file ends with a line end, which pasting often loses. */
const keyText = (text: string): string => `${text.replace(/\r\n?/g, "\n").trim()}\n`;

/** A secret as it was typed: blanks belong to it. */
const typed = (values: FormData, name: string): string => String(values.get(name) ?? "");

/** Makes a credential. The secret leaves this page once and does not come back. */
export function CreateCredential({ onClose }: { onClose: () => void }) {
  const targets = useWholeList("GET /api/v1/admin/targets");
  const create = useAction("POST /api/v1/admin/credentials");
  const [kind, setKind] = useState<CredentialKind>("password");
  const say = useToast();
  const submit = async (values: FormData) => {
    const secret = kind === "password" ? { password: typed(values, "password") } : { private_key: keyText(typed(values, "private_key")) };
    const credential = await create.mutateAsync({
      body: {
        target_id: required(values, "target_id"),
        username: required(values, "username"),
        description: optional(values, "description"),
        ...secret,
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
          <Input label="Account" name="username" required maxLength={255} placeholder="root" autoCapitalize="none" spellCheck={false} hint="The user name on the target." error={fieldError(error, "username")} />
          <Choice label="Secret" value={kind} options={KINDS} onChange={setKind} />
          {kind === "password" ? (
            <Input key="password" label="Password" name="password" type="password" required autoComplete="new-password" error={fieldError(error, "password")} />
          ) : (
            <TextArea
              key="private_key"
              label="Private key"
              name="private_key"
              required
              rows={6}
              autoComplete="off"
              spellCheck={false}
              className="font-mono text-xs"
              placeholder="-----BEGIN OPENSSH PRIVATE KEY-----"
              hint="Ed25519, in OpenSSH form, without a passphrase. Its public key belongs in the account’s authorized_keys."
              error={fieldError(error, "private_key")}
            />
          )}
          <Input label="Description (optional)" name="description" maxLength={2000} error={fieldError(error, "description")} />
        </>
      )}
    </FormDialog>
  );
}
