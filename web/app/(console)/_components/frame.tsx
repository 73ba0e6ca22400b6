"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { Menu as MenuIcon, ShieldX, X } from "lucide-react";
import { Dialog } from "radix-ui";
import { useState, type ReactNode } from "react";
import { sentence } from "@/lib/api/client";
import { useMe } from "@/lib/api/hooks";
import type { Me } from "@/lib/api/schema";
import { routes } from "@/lib/routes";
import { anywhere } from "@/texts/anywhere";
import { frame } from "@/texts/frame";
import { IconButton } from "@/ui/button";
import { Logo } from "@/ui/logo";
import { Empty, Failure, Skeleton, SkeletonRows } from "@/ui/states";
import { Account } from "./account";
import { GoToButton, SmallGoToButton, useGoTo } from "./go-to";
import { Nav } from "./nav";
import { SignInAgain } from "./sign-in-again";

function Brand() {
  return (
    <Link href={routes.targets()} className="flex items-center gap-2 px-1 text-[15px] font-semibold tracking-tight">
      <Logo className="size-6" />
      {anywhere.product}
    </Link>
  );
}

/** The navigation on a phone: behind a button. */
function Drawer({ me }: { me: Me }) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger asChild>
        <IconButton label={frame.menu} className="lg:hidden"><MenuIcon className="size-5" aria-hidden /></IconButton>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content aria-describedby={undefined} className="fixed inset-y-0 left-0 z-40 w-64 overflow-y-auto border-r border-line bg-surface p-3 shadow-up outline-none">
          <Dialog.Title className="sr-only">{frame.menu}</Dialog.Title>
          <div className="mb-4 flex items-center justify-between">
            <Brand />
            <Dialog.Close asChild><IconButton label={frame.closeMenu}><X className="size-4" aria-hidden /></IconButton></Dialog.Close>
          </div>
          <Nav role={me.role} onGo={() => setOpen(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function allowed(me: Me, path: string): boolean {
  if (path.startsWith("/admin")) return me.role === "admin";
  if ([routes.audit(), routes.bus(), routes.commands()].some((begin) => path.startsWith(begin))) return me.role !== "user";
  return true;
}

function Content({ me, children }: { me: Me; children: ReactNode }) {
  const path = usePathname();
  if (allowed(me, path)) return children;
  return (
    <Empty icon={<ShieldX />} title={frame.forbidden}>
      {frame.forbiddenAbout(me.username, me.role)}
    </Empty>
  );
}

/** What surrounds every page: navigation by role, account, and the way in for who is not signed in. */
export function Frame({ children }: { children: ReactNode }) {
  const { data: me, error, refetch } = useMe();
  const { open: goTo, palette } = useGoTo();
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[13.5rem_minmax(0,1fr)]">
      <a href="#content" className="sr-only z-50 rounded-md bg-surface px-3 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2">{frame.skip}</a>
      <aside className="sticky top-0 hidden h-dvh flex-col gap-5 overflow-y-auto border-r border-line bg-surface p-3 lg:flex">
        <div className="pt-1"><Brand /></div>
        {me && <GoToButton onOpen={goTo} />}
        <div className="flex-1">{me ? <Nav role={me.role} /> : <Skeleton className="h-40 w-full" />}</div>
        {me && <Account me={me} />}
      </aside>
      {me && <SignInAgain me={me} />}
      <div className="min-w-0">
        <header className="sticky top-0 z-30 flex h-12 items-center justify-between border-b border-line bg-surface px-3 lg:hidden">
          <div className="flex items-center gap-1">{me && <Drawer me={me} />}<Brand /></div>
          {me && <div className="flex items-center gap-1"><SmallGoToButton onOpen={goTo} /><Account me={me} small /></div>}
        </header>
        <main id="content" tabIndex={-1} className="mx-auto max-w-6xl px-4 py-6 outline-none sm:px-6 lg:py-8">
          {me ? <Content me={me}>{children}</Content> : error ? <Failure onRetry={() => void refetch()}>{sentence(error)}</Failure> : <SkeletonRows />}
        </main>
      </div>
      {palette}
    </div>
  );
}
