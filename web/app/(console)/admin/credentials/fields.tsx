/** The account and the secret of a credential, as fields of a form. */
import { fieldError } from "@/lib/api/hooks";
import type { Credential, CredentialKind } from "@/lib/api/schema";
import { Input, TextArea } from "@/ui/field";

export const KINDS: { value: CredentialKind; label: string }[] = [
  { value: "password", label: "Password" },
  { value: "private_key", label: "Private key" },
];

/** A key file ends with a line end, which pasting often loses. */
const keyText = (text: string): string => `${text.replace(/\r\n?/g, "\n").trim()}\n`;

/** A secret as it was typed: blanks belong to it. */
const typed = (values: FormData, name: string): string => String(values.get(name) ?? "");

export const secretOf = (kind: CredentialKind, values: FormData) =>
  kind === "password" ? { password: typed(values, "password") } : { private_key: keyText(typed(values, "private_key")), passphrase: typed(values, "passphrase") || undefined };

export function Account({ credential, error }: { credential?: Credential; error: unknown }) {
  return <Input label="Account" name="username" required maxLength={255} placeholder="root" autoCapitalize="none" spellCheck={false} defaultValue={credential?.username} hint="The user name on the target." error={fieldError(error, "username")} />;
}

export function SecretField({ kind, error }: { kind: CredentialKind; error: unknown }) {
  if (kind === "password") {
    return <Input key="password" label="Password" name="password" type="password" required autoComplete="new-password" error={fieldError(error, "password")} />;
  }
  return (
    <>
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
        hint="Ed25519, ECDSA or RSA, in OpenSSH, PEM or PuTTY form. Its public key belongs in the account’s authorized_keys."
        error={fieldError(error, "private_key")}
      />
      <Input key="passphrase" label="Passphrase (if the key has one)" name="passphrase" type="password" autoComplete="off" hint="Opens the key once, and is not kept." error={fieldError(error, "passphrase")} />
    </>
  );
}
