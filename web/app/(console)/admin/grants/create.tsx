"use client";
import { useId, useState } from "react";
import { fieldError, useAction, useWholeList } from "@/lib/api/hooks";
import { changes } from "@/texts/changes";
import { ownZone } from "@/lib/zone-time";
import { anywhere } from "@/texts/anywhere";
import { grants } from "@/texts/grants";
import { Choice, Input } from "@/ui/field";
import { useToast } from "@/ui/toast";
import { FormDialog, required } from "../../_components/form";
import { Pick } from "../../_components/pick";
import { readSchedule, SCHEDULE, ScheduleFields } from "./schedule";
import { readTerms, TERMS, TermsFields } from "./terms";
import { granted, who } from "./words";

type Whom = "user_id" | "group_id";
type Place = "target_id" | "zone_id" | "label";

const WHOM = (["user_id", "group_id"] as const).map((value) => ({ value, label: grants.whom[value] }));
const PLACES = (["target_id", "zone_id", "label"] as const).map((value) => ({ value, label: grants.places[value] }));
const FIELDS = ["user_id", "group_id", "target_id", "zone_id", "label", ...TERMS, ...SCHEDULE];

const marked = (name: string, enabled: boolean): string => (enabled ? name : changes.disabledOne(name));

function WhomField({ whom, error }: { whom: Whom; error: unknown }) {
  const users = useWholeList("GET /api/v1/admin/users", { enabled: whom === "user_id" });
  const groups = useWholeList("GET /api/v1/admin/groups", { enabled: whom === "group_id" });
  const problem = fieldError(error, whom);
  return whom === "user_id" ? (
    <Pick key="user" label={anywhere.user} name="user_id" required list={users} text={(user) => marked(user.username, user.enabled)} nothing={grants.chooseUser} problem={problem} />
  ) : (
    <Pick key="group" label={anywhere.group} name="group_id" required list={groups} text={(group) => group.name} nothing={grants.chooseGroup} none={grants.noGroup} problem={problem} />
  );
}

/** `onZone` hears on whose clocks the chosen place works. */
function PlaceField({ place, error, onZone }: { place: Place; error: unknown; onZone: (timezone: string) => void }) {
  const targets = useWholeList("GET /api/v1/admin/targets", { enabled: place !== "zone_id" });
  const zones = useWholeList("GET /api/v1/admin/zones");
  const chosen = (zone: string | undefined) => onZone(zones.rows?.find(({ id }) => id === zone)?.timezone ?? ownZone());
  const known = useId();
  const problem = fieldError(error, place);
  if (place === "label") {
    const labels = [...new Set(targets.rows?.flatMap((target) => target.labels))].sort();
    return (
      <>
        <Input key="label" label={grants.label} name="label" required maxLength={127} list={known} placeholder={grants.labelExample} autoCapitalize="none" spellCheck={false} hint={grants.labelHint} error={problem} />
        <datalist id={known}>{labels.map((label) => <option key={label} value={label} />)}</datalist>
      </>
    );
  }
  return place === "target_id" ? (
    <Pick key="target" label={anywhere.target} name="target_id" required onChange={(event) => chosen(targets.rows?.find(({ id }) => id === event.target.value)?.zone_id)} list={targets} text={(target) => marked(anywhere.targetIn(target.name, target.zone), target.enabled)} nothing={anywhere.chooseTarget} none={grants.noTarget} problem={problem} />
  ) : (
    <Pick key="zone" label={anywhere.zone} name="zone_id" required onChange={(event) => chosen(event.target.value)} list={zones} text={(zone) => marked(zone.name, zone.enabled)} nothing={anywhere.chooseZone} none={grants.noZone} hint={grants.zoneHint} problem={problem} />
  );
}

/** Gives a grant: a user or a group, on a target, a zone, or all targets with a label. */
export function CreateGrant({ onClose }: { onClose: () => void }) {
  const create = useAction("POST /api/v1/admin/grants");
  const [whom, setWhom] = useState<Whom>("user_id");
  const [place, setPlace] = useState<Place>("target_id");
  const [zone, setZone] = useState(ownZone);
  const say = useToast();
  const submit = async (values: FormData) => {
    const grant = await create.mutateAsync({ body: { [whom]: required(values, whom), [place]: required(values, place), ...readTerms(values), schedule: readSchedule(values) } });
    say(grants.isCreated(who(grant), granted(grant)));
  };
  return (
    <FormDialog title={grants.create} description={grants.createAbout} action={grants.create} fields={FIELDS} onSubmit={submit} onClose={onClose}>
      {(error) => (
        <>
          <Choice label={anywhere.who} value={whom} options={WHOM} onChange={setWhom} />
          <WhomField whom={whom} error={error} />
          <Choice label={anywhere.mayOpen} value={place} options={PLACES} onChange={setPlace} />
          <PlaceField place={place} error={error} onZone={setZone} />
          <ScheduleFields zone={zone} error={error} />
          <TermsFields error={error} />
        </>
      )}
    </FormDialog>
  );
}
