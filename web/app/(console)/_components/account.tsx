"use client";
import { ChevronsUpDown, CircleUserRound, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { useRouter } from "next/navigation";
import { sentence, call } from "@/lib/api/client";
import type { Me } from "@/lib/api/schema";
import { routes } from "@/lib/routes";
import { chooseTheme } from "@/lib/theme";
import { anywhere } from "@/texts/anywhere";
import { frame } from "@/texts/frame";
import { pages } from "@/texts/pages";
import { cx } from "@/ui/cx";
import { Menu } from "@/ui/menu";
import { useToast } from "@/ui/toast";

/** Who one is, the way out, light or dark. */
export function Account({ me, small }: { me: Me; small?: boolean }) {
  const router = useRouter();
  const say = useToast();
  const name = me.display_name ?? me.username;
  const signOut = async () => {
    try {
      await call("POST /api/v1/auth/logout", {});
      window.location.assign(routes.login());
    } catch (error) {
      say(sentence(error), { bad: true });
    }
  };
  return (
    <Menu
      label={frame.account}
      header={<><div className="font-medium">{name}</div><div className="text-xs text-muted">{me.username} · {me.role}</div></>}
      trigger={
        <button
          type="button"
          aria-label={small ? frame.accountOf(name) : undefined}
          className={cx("flex items-center gap-2 rounded-md p-1.5 text-left hover:bg-hover", !small && "w-full")}
        >
          <span aria-hidden data-initials={name.slice(0, 2)} className="grid size-7 shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent uppercase before:content-[attr(data-initials)]" />
          {!small && (
            <>
              <span className="sr-only">{frame.accountBefore}</span>
              <span className="min-w-0 flex-1">
                <span className="block truncate leading-4 font-medium">{name}</span>
                <span className="block text-xs leading-4 text-muted">{me.role}</span>
              </span>
              <ChevronsUpDown className="size-3.5 text-faint" aria-hidden />
            </>
          )}
        </button>
      }
      items={[
        { label: <><CircleUserRound className="size-4" aria-hidden />{pages.account}</>, onSelect: () => router.push(routes.account()) },
        { label: <><Sun className="size-4" aria-hidden />{frame.light}</>, onSelect: () => chooseTheme("light") },
        { label: <><Moon className="size-4" aria-hidden />{frame.dark}</>, onSelect: () => chooseTheme("dark") },
        { label: <><Monitor className="size-4" aria-hidden />{frame.asSystem}</>, onSelect: () => chooseTheme("system") },
        { label: <><LogOut className="size-4" aria-hidden />{anywhere.signOut}</>, onSelect: () => void signOut() },
      ]}
    />
  );
}
