"use client";
import { useId, type InputHTMLAttributes } from "react";
import { zoneNames } from "@/lib/zone-time";
import { Input } from "@/ui/field";

interface Props extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint: string;
  error: string | null;
}

/** A name of a time zone, with those that the browser knows to choose from. */
export function TimeZone(props: Props) {
  const zones = useId();
  return (
    <div>
      <Input {...props} required maxLength={100} list={zones} spellCheck={false} />
      <datalist id={zones}>{zoneNames().map((name) => <option key={name} value={name} />)}</datalist>
    </div>
  );
}
