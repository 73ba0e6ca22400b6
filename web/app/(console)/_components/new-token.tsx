"use client";
import { fieldError, useAction } from "@/lib/api/hooks";
import type { ShownToken, Zone } from "@/lib/api/schema";
import { Select } from "@/ui/field";
import { FormDialog, required } from "./form";

const HOUR = 3600;
const DAY = 24 * HOUR;
const LIFETIMES: [seconds: number, words: string][] = [
  [HOUR / 4, "15 minutes"],
  [HOUR, "1 hour"],
  [8 * HOUR, "8 hours"],
  [DAY, "1 day"],
  [7 * DAY, "7 days"],
  [30 * DAY, "30 days"],
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
      title="Create join token"
      description={`For one satellite of zone ${zone.name}.`}
      action="Create token"
      fields={["lifetime_seconds"]}
      onSubmit={submit}
      onClose={onClose}
    >
      {(error) => (
        <>
          <Select label="Lifetime" name="lifetime_seconds" defaultValue={HOUR} hint="Take the shortest that does: whoever has the token can join." error={fieldError(error, "lifetime_seconds")}>
            {LIFETIMES.map(([seconds, words]) => <option key={seconds} value={seconds}>{words}</option>)}
          </Select>
          {zone.satellite && (
            <p className="rounded-md bg-warn-soft px-3 py-2 text-warn">
              This zone has a satellite. Another one can join only after that one is revoked.
            </p>
          )}
        </>
      )}
    </FormDialog>
  );
}
