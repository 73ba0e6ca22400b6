"use client";
import { useEffect, useState, type FormEvent } from "react";
import { call } from "@/lib/api/client";
import { safeNext } from "@/lib/routes";
import { refusal, signIn } from "@/lib/sign-in";
import { anywhere } from "@/texts/anywhere";
import { signIn as texts } from "@/texts/sign-in";
import { Button } from "@/ui/button";
import { Input } from "@/ui/field";

const next = () => safeNext(new URLSearchParams(window.location.search).get("next"));

export function LoginForm() {
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  // Until the page's script runs, the browser itself would submit the form.
  const [ready, setReady] = useState(false);
  useEffect(() => setReady(true), []);

  // Who is signed in already has no business here.
  useEffect(() => {
    let here = true;
    call("GET /api/v1/auth/me", {}).then(
      () => here && window.location.replace(next()),
      () => undefined,
    );
    return () => {
      here = false;
    };
  }, []);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    setBusy(true);
    setFailure(null);
    try {
      await signIn(String(fields.get("username")).trim(), String(fields.get("password")));
      window.location.replace(next());
    } catch (error) {
      setFailure(refusal(error));
      setBusy(false);
      const password = form.elements.namedItem("password");
      if (password instanceof HTMLInputElement) password.select();
    }
  };

  return (
    <form method="post" onSubmit={submit} className="rounded-xl border border-line bg-surface p-5 shadow-card">
      <div className="space-y-4">
        <Input label={anywhere.username} name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} required autoFocus />
        <div className="relative">
          <Input label={anywhere.password} name="password" type={shown ? "text" : "password"} autoComplete="current-password" required />
          <button type="button" aria-pressed={shown} onClick={() => setShown(!shown)} className="absolute top-0 right-0 text-[13px] text-muted hover:text-ink">
            {shown ? texts.hide : texts.show}<span className="sr-only">{texts.thePassword}</span>
          </button>
        </div>
        {failure && <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">{failure}</p>}
        <Button type="submit" look="primary" busy={busy} disabled={!ready} className="h-9 w-full">{busy ? texts.acting : texts.act}</Button>
      </div>
    </form>
  );
}
