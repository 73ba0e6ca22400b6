import type { Metadata } from "next";
import { signIn } from "@/texts/sign-in";
import { Logo } from "@/ui/logo";
import { LoginForm } from "./form";

export const metadata: Metadata = { title: signIn.title };

export default function LoginPage() {
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex flex-col items-center text-center">
          <Logo className="size-11" />
          <h1 className="mt-3 text-xl font-semibold tracking-tight">{signIn.heading}</h1>
          <p className="mt-1 text-muted">{signIn.about}</p>
        </div>
        <LoginForm />
      </div>
    </main>
  );
}
