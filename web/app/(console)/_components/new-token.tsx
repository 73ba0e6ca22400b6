"use client";
import { fieldError, useAction } from "@/lib/api/hooks";
import type { ShownToken, Zone } from "@/lib/api/schema";
import { tokens } from "@/texts/tokens";
import { Select } from "@/ui/field";
import { FormDialog, required } from "./form";

const HOUR = 3600;
const DAY = 24 * HOUR;
const LIFETIMES: [seconds: number, words: string][] = [
  [HOUR / 4, tokens.minutes(15)],
  [HOUR, tokens.hours(1)],
  [8 * HOUR, tokens.hours(8)],
  [DAY, tokens.days(1)],
  [7 * DAY, tokens.days(7)],
  [30 * DAY, tokens.days(30)],
];

interface Props {
  zone: Zone;
  onCreated: (token: ShownToken) => void;
  onClose: () => void;
}

/** Makes a join token for a zone. */
export function NewToken({ zone, onCreated, onClose }: Props) {
  const create = useAction("POST /api/v1/admin/tokens");
  const submit = async (values: FormData) => {
    const lifetime_seconds = Number(required(values, "lifetime_seconds"));
    onCreated(await create.mutateAsync({ body: { zone_id: zone.id, lifetime_seconds } }));
  };
  return (
    <FormDialog
      title={tokens.create}
      description={tokens.createAbout(zone.name)}
      action={tokens.act}
      fields={["lifetime_seconds"]}
      onSubmit={submit}
      onClose={onClose}
    >
      {(error) => (
        <>
          <Select label={tokens.lifetime} name="lifetime_seconds" defaultValue={HOUR} hint={tokens.lifetimeHint} error={fieldError(error, "lifetime_seconds")}>
            {LIFETIMES.map(([seconds, words]) => <option key={seconds} value={seconds}>{words}</option>)}
          </Select>
          {zone.satellite && (
            <p className="rounded-md bg-warn-soft px-3 py-2 text-warn">
              {tokens.hasSatellite}
            </p>
          )}
        </>
      )}
    </FormDialog>
  );
}
