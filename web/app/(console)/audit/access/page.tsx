"use client";
import { useQuery } from "@tanstack/react-query";
import { CircleHelp } from "lucide-react";
import { Suspense, type FormEvent } from "react";
import { ApiError, call, sentence } from "@/lib/api/client";
import { ownZone } from "@/lib/zone-time";
import { access } from "@/texts/access";
import { anywhere } from "@/texts/anywhere";
import { Button } from "@/ui/button";
import { Input } from "@/ui/field";
import { Empty, Failure, SkeletonRows } from "@/ui/states";
import { Pick } from "../../_components/pick";
import { instant, useAddressFilter, type AddressFilter } from "../address";
import { AuditHead } from "../head";
import { useNames } from "../names";
import { Answer } from "./answer";

const NAMES = ["user_id", "target_id", "at"] as const;
type Asked = AddressFilter<(typeof NAMES)[number]>;

function Question({ asked, onAsk }: { asked: Asked; onAsk: (asked: Asked) => void }) {
  const { users, targets } = useNames();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const values = new FormData(event.currentTarget);
    const said = (name: string) => String(values.get(name) ?? "") || undefined;
    onAsk({ user_id: said("user_id"), target_id: said("target_id"), at: said("at") });
  };
  return (
    // What is chosen already can only be shown once the lists are there.
    <form key={`${users.complete} ${targets.complete}`} onSubmit={submit} className="mb-6 grid items-start gap-3 sm:grid-cols-2 lg:grid-cols-[1fr_1fr_14rem_auto]">
      <Pick label={access.person} name="user_id" required list={users} text={(user) => user.name} nothing={access.choosePerson} defaultValue={asked.user_id ?? ""} />
      <Pick label={anywhere.target} name="target_id" required list={targets} text={(target) => target.name} nothing={anywhere.chooseTarget} defaultValue={asked.target_id ?? ""} />
      <Input label={access.time} name="at" type="datetime-local" defaultValue={asked.at ?? ""} hint={access.timeHint(ownZone())} />
      <div className="lg:pt-6"><Button type="submit" look="primary" className="h-9 sm:h-8">{access.ask}</Button></div>
    </form>
  );
}

function Explained({ user, target, at }: { user: string; target: string; at: string | undefined }) {
  const found = useQuery({
    queryKey: ["GET /api/v1/admin/access", user, target, at],
    queryFn: () => call("GET /api/v1/admin/access", { query: { user_id: user, target_id: target, at: instant(at) } }),
  });
  // An address may hold anything.
  if (found.error instanceof ApiError && [400, 404].includes(found.error.status)) return <Failure>{access.unknown}</Failure>;
  if (!found.data) return found.error ? <Failure onRetry={() => void found.refetch()}>{sentence(found.error)}</Failure> : <SkeletonRows rows={3} />;
  return <Answer explained={found.data} />;
}

function AccessPage() {
  const [asked, ask] = useAddressFilter(NAMES);
  const { user_id: user, target_id: target, at } = asked;
  return (
    <>
      <AuditHead page="access" />
      <Question asked={asked} onAsk={ask} />
      {user && target ? <Explained user={user} target={target} at={at} /> : <Empty icon={<CircleHelp />} title={access.whom}>{access.whomAbout}</Empty>}
    </>
  );
}

/** Why somebody may open a target, or may not. */
export default function Page() {
  return <Suspense fallback={<SkeletonRows />}><AccessPage /></Suspense>;
}
