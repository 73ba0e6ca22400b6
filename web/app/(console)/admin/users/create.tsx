"use client";
import { useState } from "react";
import { fieldError, useAction } from "@/lib/api/hooks";
import type { Role } from "@/lib/api/schema";
import { Choice, Input } from "@/ui/field";
import { useToast } from "@/ui/toast";
import { FormDialog, optional, required } from "../../_components/form";
import { ROLES } from "./roles";

const FIELDS = ["username", "password", "role", "email", "display_name"];
const CHOICES = (["user", "auditor", "admin"] as const).map((value) => ({ value, label: ROLES[value].word }));

/** Makes a local account. */
export function CreateUser({ onClose }: { onClose: () => void }) {
  const create = useAction("POST /api/v1/admin/users");
  const [role, setRole] = useState<Role>("user");
  const say = useToast();
  const submit = async (values: FormData) => {
    const user = await create.mutateAsync({
      body: {
        username: required(values, "username"),
        // As typed: blanks belong to a password.
        password: String(values.get("password") ?? ""),
        role,
        email: optional(values, "email"),
        display_name: optional(values, "display_name"),
      },
    });
    say(`User ${user.username} is created.`);
  };
  return (
    <FormDialog title="Create user" description="A local account with a password." action="Create user" fields={FIELDS} onSubmit={submit} onClose={onClose}>
      {(error) => (
        <>
          <Input label="User name" name="username" required maxLength={64} autoCapitalize="none" spellCheck={false} placeholder="ann.lee" hint="Lower case letters, digits and . _ - @" error={fieldError(error, "username")} />
          <Input label="Display name (optional)" name="display_name" maxLength={255} placeholder="Ann Lee" error={fieldError(error, "display_name")} />
          <Input label="Mail address (optional)" name="email" type="email" maxLength={255} error={fieldError(error, "email")} />
          <Input label="Password" name="password" type="password" required autoComplete="new-password" hint="At least 12 characters. Hand it over safely." error={fieldError(error, "password")} />
          <div>
            <Choice label="Role" value={role} options={CHOICES} onChange={setRole} />
            <p className="mt-1 text-[13px] text-faint" aria-live="polite">{ROLES[role].about}</p>
            {fieldError(error, "role") && <p role="alert" className="mt-1 text-[13px] text-bad">{fieldError(error, "role")}</p>}
          </div>
        </>
      )}
    </FormDialog>
  );
}
