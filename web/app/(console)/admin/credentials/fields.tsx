/** The account and the secret of a credential, as fields of a form. */
import { fieldError } from "@/lib/api/hooks";
import type { Credential, CredentialKind } from "@/lib/api/schema";
import { anywhere } from "@/texts/anywhere";
import { credentials } from "@/texts/credentials";
import { Input, TextArea } from "@/ui/field";

const choices = (labels: Record<CredentialKind, string>) => (["password", "private_key"] as const).map((value) => ({ value, label: labels[value] }));

export const KINDS = choices(credentials.kinds);
export const CHANGED_KINDS = choices(credentials.newKinds);

/** A key file ends with a line end, which pasting often loses. */
const keyText = (text: string): string => `${text.replace(/\r\n?/g, "\n").trim()}\n`;

/** A secret as it was typed: blanks belong to it. */
const typed = (values: FormData, name: string): string => String(values.get(name) ?? "");

export const secretOf = (kind: CredentialKind, values: FormData) =>
  kind === "password" ? { password: typed(values, "password") } : { private_key: keyText(typed(values, "private_key")), passphrase: typed(values, "passphrase") || undefined };

export function Account({ credential, error }: { credential?: Credential; error: unknown }) {
  return <Input label={anywhere.account} name="username" required maxLength={255} placeholder={credentials.accountExample} autoCapitalize="none" spellCheck={false} defaultValue={credential?.username} hint={credentials.accountHint} error={fieldError(error, "username")} />;
}

export function SecretField({ kind, error }: { kind: CredentialKind; error: unknown }) {
  if (kind === "password") {
    return <Input key="password" label={anywhere.password} name="password" type="password" required autoComplete="new-password" error={fieldError(error, "password")} />;
  }
  return (
    <>
      <TextArea
        key="private_key"
        label={credentials.key}
        name="private_key"
        required
        rows={6}
        autoComplete="off"
        spellCheck={false}
        className="font-mono text-xs"
        placeholder={credentials.keyExample}
        hint={credentials.keyHint}
        error={fieldError(error, "private_key")}
      />
      <Input key="passphrase" label={credentials.passphrase} name="passphrase" type="password" autoComplete="off" hint={credentials.passphraseHint} error={fieldError(error, "passphrase")} />
    </>
  );
}
