"use client";
import { useState } from "react";
import { sentence } from "@/lib/api/client";
import { useAction, useList } from "@/lib/api/hooks";
import type { SignIn } from "@/lib/api/schema";
import { browserName } from "@/lib/browser";
import { routes } from "@/lib/routes";
import { account } from "@/texts/account";
import { anywhere } from "@/texts/anywhere";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Section } from "@/ui/section";
import { Empty } from "@/ui/states";
import { Table, Two, type Column } from "@/ui/table";
import { useToast } from "@/ui/toast";
import { Listing, Time } from "../_components/page";

const REFRESH_MS = 30_000;

function SignOut({ signIn }: { signIn: SignIn }) {
  const end = useAction("DELETE /api/v1/auth/sign-ins/{id}");
  const say = useToast();
  const name = browserName(signIn.user_agent);
  const signOut = async () => {
    try {
      await end.mutateAsync({ path: { id: signIn.id } });
      say(account.signedOut(name));
    } catch (error) {
      say(sentence(error), { bad: true });
    }
  };
  if (signIn.current) return <Badge tone="ok">{account.thisBrowser}</Badge>;
  return <Button small busy={end.isPending} aria-label={account.signOutOf(name, signIn.last_used_at)} onClick={() => void signOut()}>{anywhere.signOut}</Button>;
}

const COLUMNS: Column<SignIn>[] = [
  { key: "browser", head: account.browser, grow: true, cell: (row) => <span title={row.user_agent ?? undefined}><Two main={browserName(row.user_agent)} more={row.client_ip} /></span> },
  { key: "created", head: account.signedIn, wide: true, cell: (row) => <Time value={row.created_at} /> },
  { key: "used", head: account.lastUsed, cell: (row) => <Time value={row.last_used_at} ago /> },
  { key: "expires", head: account.ends, wider: true, cell: (row) => <Time value={row.expires_at} ago /> },
  { key: "end", head: "", right: true, cell: (row) => <SignOut signIn={row} /> },
];

function Everywhere() {
  const end = useAction("DELETE /api/v1/auth/sign-ins");
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button onClick={() => setAsking(true)}>{account.everywhere}</Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={account.everywhereAsked}
        consequence={account.everywhereAbout}
        action={account.everywhere}
        onConfirm={async () => {
          await end.mutateAsync({});
          window.location.assign(routes.login());
        }}
        explain={sentence}
      />
    </>
  );
}

/** Where one is signed in, and the way out of each. */
export function SignIns() {
  const list = useList("GET /api/v1/auth/sign-ins", {}, { everyMs: REFRESH_MS });
  return (
    <Section title={account.signIns} about={account.signInsAbout} action={<Everywhere />}>
      <Listing list={list} empty={<Empty title={account.nowhere} />}>
        {(rows) => <Table label={account.signInsLabel} columns={COLUMNS} rows={rows} rowKey={(row) => row.id} />}
      </Listing>
    </Section>
  );
}
