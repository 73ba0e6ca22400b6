"use client";
import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from "react";
import { cx } from "./cx";

export const inputClass =
  "h-9 w-full rounded-md border border-line-strong bg-surface px-2.5 text-base text-ink placeholder:text-faint " +
  "hover:border-faint focus-visible:border-accent focus-visible:outline-offset-0 aria-invalid:border-bad disabled:opacity-60 sm:h-8 sm:text-sm";

interface Common {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  hideLabel?: boolean;
}

type Ids = { id: string; "aria-invalid": true | undefined; "aria-describedby": string | undefined };

/** Label, control, hint and error, tied together for those who hear the page. */
function Field({ label, hint, error, hideLabel, children }: Common & { children: (ids: Ids) => ReactNode }) {
  const id = useId();
  const about = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
  return (
    <div className="min-w-0">
      <label htmlFor={id} className={cx("mb-1 block text-[13px] font-medium", hideLabel && "sr-only")}>{label}</label>
      {children({ id, "aria-invalid": error ? true : undefined, "aria-describedby": about })}
      {error ? (
        <p id={`${id}-error`} role="alert" className="mt-1 text-[13px] text-bad">{error}</p>
      ) : (
        hint && <p id={`${id}-hint`} className="mt-1 text-[13px] text-faint">{hint}</p>
      )}
    </div>
  );
}

export function Input({ label, hint, error, hideLabel, className, ...rest }: Common & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Field {...{ label, hint, error, hideLabel }}>
      {(ids) => <input autoComplete="off" {...rest} {...ids} className={cx(inputClass, className)} />}
    </Field>
  );
}

export function TextArea({ label, hint, error, hideLabel, className, ...rest }: Common & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return (
    <Field {...{ label, hint, error, hideLabel }}>
      {(ids) => <textarea rows={3} {...rest} {...ids} className={cx(inputClass, "h-auto py-1.5 sm:h-auto", className)} />}
    </Field>
  );
}

export function Select({ label, hint, error, hideLabel, className, ...rest }: Common & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <Field {...{ label, hint, error, hideLabel }}>
      {(ids) => <select {...rest} {...ids} className={cx(inputClass, "pr-7", className)} />}
    </Field>
  );
}

interface ChecksProps {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  children: ReactNode;
}

/** Check boxes that belong together. */
export function Checks({ label, hint, error, children }: ChecksProps) {
  const id = useId();
  const about = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
  return (
    <fieldset className="min-w-0" aria-describedby={about}>
      <legend className="mb-1 text-[13px] font-medium">{label}</legend>
      <div className="grid gap-x-4 gap-y-1.5 sm:grid-cols-2">{children}</div>
      {error ? (
        <p id={`${id}-error`} role="alert" className="mt-1 text-[13px] text-bad">{error}</p>
      ) : (
        hint && <p id={`${id}-hint`} className="mt-1 text-[13px] text-faint">{hint}</p>
      )}
    </fieldset>
  );
}

/** Yes or no, with what it is about behind it. */
export function Check({ label, className, ...rest }: { label: string } & Omit<InputHTMLAttributes<HTMLInputElement>, "type">) {
  return (
    <label className="flex min-w-0 items-start gap-2">
      <input {...rest} type="checkbox" className={cx("mt-0.5 size-4 shrink-0 accent-accent", className)} />
      <span className="min-w-0">{label}</span>
    </label>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  hideLabel?: boolean;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}

/** A choice of a few, all in sight. */
export function Choice<T extends string>({ label, hideLabel, value, options, onChange }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset>
      <legend className={cx("mb-1 text-[13px] font-medium", hideLabel && "sr-only")}>{label}</legend>
      <div className="inline-flex max-w-full flex-wrap gap-0.5 rounded-lg border border-line bg-sunken p-0.5">
        {options.map((option) => (
          <label
            key={option.value}
            className={cx(
              "cursor-pointer rounded-md px-2.5 py-1 text-[13px] font-medium has-focus-visible:outline-2 has-focus-visible:outline-accent",
              option.value === value ? "bg-surface text-ink shadow-card" : "text-muted hover:text-ink",
            )}
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
              className="sr-only"
            />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
