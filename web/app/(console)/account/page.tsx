"use client";
import { useState, type FormEvent } from "react";
import { ROLES } from "@/lib/accounts";
import { sentence } from "@/lib/api/client";
import { fieldError, formError, useAction, useMe } from "@/lib/api/hooks";
import type { Me } from "@/lib/api/schema";
import { Button } from "@/ui/button";
import { Facts } from "@/ui/facts";
import { Input } from "@/ui/field";
import { Card, Section } from "@/ui/section";
import { SkeletonRows } from "@/ui/states";
import { useToast } from "@/ui/toast";
import { PageHead, Time } from "../_components/page";
import { SignIns } from "./sign-ins";

const FIELDS = ["current", "new"];

/** As typed: blanks belong to a password. */
const typed = (values: FormData, name: string): string => String(values.get(name) ?? "");

function Password() {
  const change = useAction("PUT /api/v1/auth/password");
  const [unlike, setUnlike] = useState(false);
  const say = useToast();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const values = new FormData(form);
    const differs = typed(values, "new") !== typed(values, "again");
    setUnlike(differs);
    if (differs) return;
    try {
      await change.mutateAsync({ body: { current: typed(values, "current"), new: typed(values, "new") } });
      form.reset();
      say("Your password is changed. Your other browsers are signed out.");
    } catch {
      // Shown in the form.
    }
  };
  const general = formError(change.error, FIELDS);
  return (
    <form onSubmit={(event) => void submit(event)} className="max-w-sm space-y-4">
      <Input label="Current password" name="current" type="password" required autoComplete="current-password" error={fieldError(change.error, "current")} />
      <Input label="New password" name="new" type="password" required autoComplete="new-password" hint="At least 12 characters." error={fieldError(change.error, "new")} />
      <Input label="New password again" name="again" type="password" required autoComplete="new-password" error={unlike ? "This is not the same password." : null} />
      {general !== null && <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">{sentence(general)}</p>}
      <Button type="submit" look="primary" busy={change.isPending}>Change password</Button>
    </form>
  );
}

const facts = (me: Me) => [
  { name: "User name", value: me.username },
  ...(me.display_name ? [{ name: "Name", value: me.display_name }] : []),
  ...(me.email ? [{ name: "Mail address", value: me.email }] : []),
  { name: "Role", value: ROLES[me.role].word },
  { name: "Last sign-in", value: <Time value={me.last_login_at} /> },
];

export default function AccountPage() {
  const { data: me } = useMe();
  if (!me) return <SkeletonRows rows={3} />;
  return (
    <>
      <PageHead title="Your account" />
      <Card><Facts items={facts(me)} /></Card>
      <SignIns />
      <Section title="Password" about={me.has_password ? "Your other browsers are signed out when it changes." : undefined}>
        <Card>{me.has_password ? <Password /> : "Your company’s directory keeps your password. Change it there."}</Card>
      </Section>
    </>
  );
}
