"use client";
import { useId, useState } from "react";
import { fieldError, useAction, useWholeList } from "@/lib/api/hooks";
import { Choice, Input } from "@/ui/field";
import { useToast } from "@/ui/toast";
import { FormDialog, required } from "../../_components/form";
import { Pick } from "../../_components/pick";
import { readTerms, TERMS, TermsFields } from "./terms";
import { granted } from "./words";

type Whom = "user_id" | "group_id";
type Place = "target_id" | "zone_id" | "label";

const WHOM: { value: Whom; label: string }[] = [
  { value: "user_id", label: "A user" },
  { value: "group_id", label: "A group" },
];
const PLACES: { value: Place; label: string }[] = [
  { value: "target_id", label: "One target" },
  { value: "zone_id", label: "A whole zone" },
  { value: "label", label: "A label" },
];
const FIELDS = ["user_id", "group_id", "target_id", "zone_id", "label", ...TERMS];

const marked = (name: string, enabled: boolean): string => (enabled ? name : `${name} (disabled)`);

function WhomField({ whom, error }: { whom: Whom; error: unknown }) {
  const users = useWholeList("GET /api/v1/admin/users", { enabled: whom === "user_id" });
  const groups = useWholeList("GET /api/v1/admin/groups", { enabled: whom === "group_id" });
  const problem = fieldError(error, whom);
  return whom === "user_id" ? (
    <Pick key="user" label="User" name="user_id" required list={users} text={(user) => marked(user.username, user.enabled)} nothing="Choose a user" problem={problem} />
  ) : (
    <Pick key="group" label="Group" name="group_id" required list={groups} text={(group) => group.name} nothing="Choose a group" none="There is no group yet." problem={problem} />
  );
}

function PlaceField({ place, error }: { place: Place; error: unknown }) {
  const targets = useWholeList("GET /api/v1/admin/targets", { enabled: place !== "zone_id" });
  const zones = useWholeList("GET /api/v1/admin/zones", { enabled: place === "zone_id" });
  const known = useId();
  const problem = fieldError(error, place);
  if (place === "label") {
    const labels = [...new Set(targets.rows?.flatMap((target) => target.labels))].sort();
    return (
      <>
        <Input key="label" label="Label" name="label" required maxLength={127} list={known} placeholder="env=production" autoCapitalize="none" spellCheck={false} hint="Every target that has it, in every zone, also those that get it later." error={problem} />
        <datalist id={known}>{labels.map((label) => <option key={label} value={label} />)}</datalist>
      </>
    );
  }
  return place === "target_id" ? (
    <Pick key="target" label="Target" name="target_id" required list={targets} text={(target) => marked(`${target.name} (${target.zone})`, target.enabled)} nothing="Choose a target" none="There is no target yet." problem={problem} />
  ) : (
    <Pick key="zone" label="Zone" name="zone_id" required list={zones} text={(zone) => marked(zone.name, zone.enabled)} nothing="Choose a zone" none="There is no zone yet." hint="Every target there, also those that come later." problem={problem} />
  );
}

/** Gives a grant: a user or a group, on a target, a zone, or all targets with a label. */
export function CreateGrant({ onClose }: { onClose: () => void }) {
  const create = useAction("POST /api/v1/admin/grants");
  const [whom, setWhom] = useState<Whom>("user_id");
  const [place, setPlace] = useState<Place>("target_id");
  const say = useToast();
  const submit = async (values: FormData) => {
    const grant = await create.mutateAsync({ body: { [whom]: required(values, whom), [place]: required(values, place), ...readTerms(values) } });
    say(`${grant.user ?? grant.group} may open ${granted(grant)}.`);
  };
  return (
    <FormDialog title="Create grant" description="Who may open what." action="Create grant" fields={FIELDS} onSubmit={submit} onClose={onClose}>
      {(error) => (
        <>
          <Choice label="Who" value={whom} options={WHOM} onChange={setWhom} />
          <WhomField whom={whom} error={error} />
          <Choice label="May open" value={place} options={PLACES} onChange={setPlace} />
          <PlaceField place={place} error={error} />
          <TermsFields error={error} />
        </>
      )}
    </FormDialog>
  );
}
