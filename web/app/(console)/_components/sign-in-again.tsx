"use client";
/**
 * Over a page whose sign-in has ended: nothing of the page is seen, and nothing that was typed in it is lost. Whoever it
 * was signs in again and goes on; anybody else gets a page of their own.
 */
import { useQueryClient } from "@tanstack/react-query";
import { Dialog } from "radix-ui";
import { useEffect, useState, type FormEvent } from "react";
import { whenSignedOut } from "@/lib/api/signed-out";
import type { Me } from "@/lib/api/schema";
import { routes } from "@/lib/routes";
import { refusal, signIn } from "@/lib/sign-in";
import { anywhere } from "@/texts/anywhere";
import { signIn as texts } from "@/texts/sign-in";
import { Button } from "@/ui/button";
import { Input } from "@/ui/field";

const goToSignIn = () => window.location.assign(routes.login(window.location.pathname + window.location.search));

export function SignInAgain({ me }: { me: Me }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => whenSignedOut(() => setOpen(true)), []);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = event.currentTarget.elements.namedItem("password");
    if (!(password instanceof HTMLInputElement)) return;
    setBusy(true);
    setFailure(null);
    try {
      await signIn(me.username, password.value);
      setOpen(false);
      await queries.invalidateQueries();
    } catch (error) {
      setFailure(refusal(error));
      password.select();
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog.Root open={open}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 grid place-items-center overflow-y-auto bg-canvas p-4">
          <Dialog.Content
            onEscapeKeyDown={(event) => event.preventDefault()}
            onInteractOutside={(event) => event.preventDefault()}
            className="w-full max-w-sm rounded-xl border border-line bg-surface p-5 shadow-card outline-none"
          >
            <Dialog.Title className="text-base font-semibold">{texts.again}</Dialog.Title>
            <Dialog.Description className="mt-1 text-muted">{texts.againAbout}</Dialog.Description>
            <form onSubmit={submit} className="mt-4 space-y-4">
              <Input label={anywhere.username} name="username" value={me.username} readOnly autoComplete="username" />
              <Input label={anywhere.password} name="password" type="password" autoComplete="current-password" required autoFocus />
              {failure && <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">{failure}</p>}
              <div className="flex justify-between gap-2">
                <Button look="quiet" onClick={goToSignIn}>{texts.somebodyElse}</Button>
                <Button type="submit" look="primary" busy={busy}>{texts.act}</Button>
              </div>
            </form>
          </Dialog.Content>
        </Dialog.Overlay>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
