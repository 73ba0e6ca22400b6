"use client";
import { useState } from "react";
import { isLocal } from "@/lib/accounts";
import { fieldError, useAction, useMe } from "@/lib/api/hooks";
import type { Role, User } from "@/lib/api/schema";
import { anywhere } from "@/texts/anywhere";
import { roles } from "@/texts/roles";
import { users } from "@/texts/users";
import { Choice, Input } from "@/ui/field";
import { useToast } from "@/ui/toast";
import { FormDialog, cleared, optional, required } from "../../_components/form";

const FIELDS = ["username", "password", "role", "email", "display_name"];
const CHOICES = (["user", "auditor", "admin"] as const).map((value) => ({ value, label: roles[value].word }));

/** As typed: blanks belong to a password. */
const typedPassword = (values: FormData): string => String(values.get("password") ?? "");

function Person({ user, error }: { user?: User; error: unknown }) {
  return (
    <>
      <Input label={users.name} name="display_name" maxLength={255} placeholder={users.nameExample} defaultValue={user?.display_name ?? ""} error={fieldError(error, "display_name")} />
      <Input label={users.mailAddress} name="email" type="email" maxLength={255} defaultValue={user?.email ?? ""} error={fieldError(error, "email")} />
    </>
  );
}

function RoleChoice({ role, onChange, error }: { role: Role; onChange: (role: Role) => void; error: unknown }) {
  return (
    <div>
      <Choice label={anywhere.role} value={role} options={CHOICES} onChange={onChange} />
      <p className="mt-1 text-[13px] text-faint" aria-live="polite">{roles[role].about}</p>
      {fieldError(error, "role") && <p role="alert" className="mt-1 text-[13px] text-bad">{fieldError(error, "role")}</p>}
    </div>
  );
}

/** Makes a local account. */
export function CreateUser({ onClose }: { onClose: () => void }) {
  const create = useAction("POST /api/v1/admin/users");
  const [role, setRole] = useState<Role>("user");
  const say = useToast();
  const submit = async (values: FormData) => {
    const user = await create.mutateAsync({
      body: {
        username: required(values, "username"),
        password: typedPassword(values),
        role,
        email: optional(values, "email"),
        display_name: optional(values, "display_name"),
      },
    });
    say(users.isCreated(user.username));
  };
  return (
    <FormDialog title={users.create} description={users.createAbout} action={users.create} fields={FIELDS} onSubmit={submit} onClose={onClose}>
      {(error) => (
        <>
          <Input label={anywhere.username} name="username" required maxLength={64} autoCapitalize="none" spellCheck={false} placeholder={users.usernameExample} hint={users.usernameHint} error={fieldError(error, "username")} />
          <Person error={error} />
          <Input label={anywhere.password} name="password" type="password" required autoComplete="new-password" hint={users.passwordHint} error={fieldError(error, "password")} />
          <RoleChoice role={role} onChange={setRole} error={error} />
        </>
      )}
    </FormDialog>
  );
}

/** Changes an account, if nobody else did since this opened. One's own role stays. */
export function EditUser({ user: latest, onClose }: { user: User; onClose: () => void }) {
  const [user] = useState(latest);
  const { data: me } = useMe();
  const change = useAction("PATCH /api/v1/admin/users/{id}");
  const [role, setRole] = useState<Role>(user.role);
  const say = useToast();
  const submit = async (values: FormData) => {
    const password = typedPassword(values);
    await change.mutateAsync({
      path: { id: user.id },
      body: {
        version: user.version,
        role,
        email: cleared(values, "email"),
        display_name: cleared(values, "display_name"),
        ...(password === "" ? {} : { password }),
      },
    });
    say(users.isChanged(user.username));
  };
  return (
    <FormDialog title={users.edit(user.username)} action={anywhere.save} fields={FIELDS} onSubmit={submit} onClose={onClose}>
      {(error) => (
        <>
          <Person user={user} error={error} />
          {isLocal(user) && (
            <Input label={users.newPassword} name="password" type="password" autoComplete="new-password" hint={users.newPasswordHint} error={fieldError(error, "password")} />
          )}
          {me?.id !== user.id && <RoleChoice role={role} onChange={setRole} error={error} />}
        </>
      )}
    </FormDialog>
  );
}
