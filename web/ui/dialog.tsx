"use client";
import { Dialog as Radix } from "radix-ui";
import { X } from "lucide-react";
import { createContext, useContext, useRef, useState, type ReactNode, type RefObject } from "react";
import { anywhere } from "@/texts/anywhere";
import { Button, IconButton, type Look } from "./button";
import { cx } from "./cx";

/** What gets the focus back from the dialogs within: the trigger of a menu, whose items are gone by then. */
export const DialogOpener = createContext<RefObject<HTMLElement | null> | null>(null);

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  wide?: boolean;
  /** No way out by clicking beside it: what it shows is not shown again. */
  sticky?: boolean;
  /** Takes the focus afterwards, where it should not go back to what opened it. */
  returnFocus?: () => void;
  children?: ReactNode;
}

export function Dialog({ open, onOpenChange, title, description, wide, sticky, returnFocus, children }: DialogProps) {
  const opener = useRef<Element | null>(null);
  const trigger = useContext(DialogOpener);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 grid grid-cols-[minmax(0,1fr)] place-items-end overflow-y-auto bg-scrim sm:place-items-center sm:p-6">
          <Radix.Content
            onInteractOutside={sticky ? (event) => event.preventDefault() : undefined}
            onOpenAutoFocus={() => {
              opener.current = trigger?.current ?? document.activeElement;
            }}
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              if (returnFocus) returnFocus();
              else if (opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus();
              // What was decided took the button away: on with the page, not from its very top.
              else document.querySelector("main")?.focus();
            }}
            {...(description ? {} : { "aria-describedby": undefined })}
            className={cx(
              "relative w-full animate-appear rounded-t-xl border border-line bg-surface p-5 shadow-up outline-none sm:rounded-xl",
              wide ? "sm:max-w-2xl" : "sm:max-w-md",
            )}
          >
            <Radix.Title className="pr-8 text-base font-semibold">{title}</Radix.Title>
            {description && <Radix.Description className="mt-1 text-muted">{description}</Radix.Description>}
            <div className="mt-4">{children}</div>
            <Radix.Close asChild>
              <IconButton label={anywhere.close} className="absolute top-3.5 right-3.5">
                <X className="size-4" aria-hidden />
              </IconButton>
            </Radix.Close>
          </Radix.Content>
        </Radix.Overlay>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ConfirmProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** What follows from it, in plain words. */
  consequence: ReactNode;
  action: string;
  /** Of the button that does it. */
  look?: Look;
  onConfirm: () => Promise<unknown>;
  explain: (error: unknown) => string;
  returnFocus?: () => void;
}

/** Asks before something that cannot be taken back, or not easily; stays open and says why if it fails. */
export function Confirm({ open, onOpenChange, title, consequence, action, look = "danger", onConfirm, explain, returnFocus }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const confirm = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await onConfirm();
      onOpenChange(false);
    } catch (error) {
      setFailure(explain(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title} returnFocus={returnFocus}>
      <div className="text-muted">{consequence}</div>
      {failure && <p role="alert" className="mt-3 text-bad">{failure}</p>}
      <DialogButtons>
        <Button onClick={() => onOpenChange(false)}>{anywhere.cancel}</Button>
        <Button look={look} busy={busy} onClick={confirm}>{action}</Button>
      </DialogButtons>
    </Dialog>
  );
}

export function DialogButtons({ children }: { children: ReactNode }) {
  return <div className="mt-5 flex flex-wrap justify-end gap-2">{children}</div>;
}
