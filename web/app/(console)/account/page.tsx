"use client";
import { useState, type FormEvent } from "react";
import { sentence } from "@/lib/api/client";
import { fieldError, formError, useAction, useMe } from "@/lib/api/hooks";
import type { Me } from "@/lib/api/schema";
import { account } from "@/texts/account";
import { anywhere } from "@/texts/anywhere";
import { pages } from "@/texts/pages";
import { roles } from "@/texts/roles";
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
      say(account.changed);
    } catch {
      // Shown in the form.
    }
  };
  const general = formError(change.error, FIELDS);
  return (
    <form onSubmit={(event) => void submit(event)} className="max-w-sm space-y-4">
      <Input label={account.current} name="current" type="password" required autoComplete="current-password" error={fieldError(change.error, "current")} />
      <Input label={account.new} name="new" type="password" required autoComplete="new-password" hint={account.newHint} error={fieldError(change.error, "new")} />
      <Input label={account.again} name="again" type="password" required autoComplete="new-password" error={unlike ? account.unlike : null} />
      {general !== null && <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">{sentence(general)}</p>}
      <Button type="submit" look="primary" busy={change.isPending}>{account.change}</Button>
    </form>
  );
}

const facts = (me: Me) => [
  { name: anywhere.username, value: me.username },
  ...(me.display_name ? [{ name: anywhere.name, value: me.display_name }] : []),
  ...(me.email ? [{ name: account.mail, value: me.email }] : []),
  { name: anywhere.role, value: roles[me.role].word },
  { name: anywhere.lastSignIn, value: <Time value={me.last_login_at} /> },
];

export default function AccountPage() {
  const { data: me } = useMe();
  if (!me) return <SkeletonRows rows={3} />;
  return (
    <>
      <PageHead title={pages.account} />
      <Card><Facts items={facts(me)} /></Card>
      <SignIns />
      <Section title={anywhere.password} about={me.has_password ? account.passwordAbout : undefined}>
        <Card>{me.has_password ? <Password /> : account.elsewhere}</Card>
      </Section>
    </>
  );
}
