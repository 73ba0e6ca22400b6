"use client";
import { useState, type FormEvent, type ReactNode } from "react";
import { sentence } from "@/lib/api/client";
import { formError } from "@/lib/api/hooks";
import { anywhere } from "@/texts/anywhere";
import { Button } from "@/ui/button";
import { Dialog, DialogButtons } from "@/ui/dialog";

interface Props {
  title: string;
  description?: ReactNode;
  action: string;
  /** Fields that show their own errors. */
  fields: readonly string[];
  onSubmit: (values: FormData) => Promise<unknown>;
  children: (error: unknown) => ReactNode;
  onClose: () => void;
  why?: string | null;
}

/** A dialog with a form: closes when the hub said yes, shows its reason when not. */
export function FormDialog({ title, description, action, fields, onSubmit, children, onClose, why }: Props) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await onSubmit(new FormData(event.currentTarget));
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const general = formError(error, fields);
  return (
    <Dialog open sticky onOpenChange={(open) => !open && onClose()} title={title} description={description}>
      <form onSubmit={submit}>
        <div className="space-y-4">{children(error)}</div>
        {general !== null && <p role="alert" className="mt-4 rounded-md bg-bad-soft px-3 py-2 text-bad">{sentence(general)}</p>}
        <DialogButtons>
          <Button onClick={onClose}>{anywhere.cancel}</Button>
          <Button type="submit" look="primary" busy={busy} why={why}>{action}</Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}

/** A text field of a form; empty is `undefined`, so that it is left out. */
export function optional(values: FormData, name: string): string | undefined {
  const text = String(values.get(name) ?? "").trim();
  return text === "" ? undefined : text;
}

/** A text field of a change; empty is `null`, so that it is cleared. */
export const cleared = (values: FormData, name: string): string | null => optional(values, name) ?? null;

export const required = (values: FormData, name: string): string => String(values.get(name) ?? "").trim();
