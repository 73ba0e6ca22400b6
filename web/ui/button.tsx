import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { cx } from "./cx";

export type Look = "primary" | "plain" | "quiet" | "danger";

const LOOKS: Record<Look, string> = {
  primary: "bg-accent text-accent-ink hover:bg-accent-hover border-transparent",
  plain: "bg-surface text-ink border-line-strong hover:bg-hover",
  quiet: "bg-transparent text-muted border-transparent hover:bg-hover hover:text-ink",
  danger: "bg-surface text-bad border-line-strong hover:bg-bad-soft hover:border-bad",
};

/** The classes of a button, for links that look like one. */
export function buttonClass(look: Look = "plain", small = false): string {
  return cx(
    "inline-flex shrink-0 items-center justify-center gap-1.5 whitespace-nowrap rounded-md border font-medium transition-colors",
    "disabled:opacity-50 disabled:pointer-events-auto aria-disabled:opacity-50",
    small ? "h-7 px-2.5 text-[13px]" : "h-8 px-3 text-sm",
    LOOKS[look],
  );
}

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  ref?: Ref<HTMLButtonElement>;
  look?: Look;
  small?: boolean;
  busy?: boolean;
  /** Disables the button and says why. */
  why?: string | null;
}

export function Button({ look = "plain", small, busy, why, disabled, className, children, type = "button", ...rest }: Props) {
  const off = disabled === true || busy === true || Boolean(why);
  return (
    <button
      {...rest}
      type={type}
      disabled={off}
      aria-busy={busy || undefined}
      title={why ?? rest.title}
      className={cx(buttonClass(look, small), className)}
    >
      {busy && <span aria-hidden className="size-3.5 animate-spin rounded-full border-2 border-current border-r-transparent" />}
      {children}
    </button>
  );
}

/** A square button with only an icon; its label is for those who do not see it. */
export function IconButton({ label, children, className, ...rest }: Omit<Props, "look"> & { label: string; children: ReactNode }) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={rest.title ?? label}
      className={cx(
        "inline-flex size-8 shrink-0 items-center justify-center rounded-md text-muted transition-colors hover:bg-hover hover:text-ink disabled:opacity-50",
        className,
      )}
    >
      {children}
    </button>
  );
}
