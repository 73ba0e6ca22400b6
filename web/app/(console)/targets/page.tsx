"use client";
import { Search, Server } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState, type FormEvent } from "react";
import { useList, useMe } from "@/lib/api/hooks";
import { routes } from "@/lib/routes";
import { addressOfTarget, isOpenable } from "@/lib/targets";
import { useSettled } from "@/lib/use-settled";
import { anywhere } from "@/texts/anywhere";
import { pages } from "@/texts/pages";
import { targets } from "@/texts/targets";
import { buttonClass } from "@/ui/button";
import { inputClass } from "@/ui/field";
import { cx } from "@/ui/cx";
import { Empty, SkeletonRows } from "@/ui/states";
import Link from "next/link";
import { Listing, PageHead } from "../_components/page";
import { FirstSteps, useFirstRun } from "./first-steps";
import { TargetTable } from "./table";

const REFRESH_MS = 4000;
const TYPING_MS = 200;

function NoTargets({ query }: { query: string }) {
  const me = useMe().data;
  const admin = me?.role === "admin";
  const first = useFirstRun(admin && query === "");
  if (query) return <Empty icon={<Search />} title={targets.notFound(query)}>{targets.notFoundAbout}</Empty>;
  if (admin && !first) return <SkeletonRows rows={3} />;
  if (admin && first && !first.complete) return <FirstSteps found={first} me={me} />;
  return (
    <Empty
      icon={<Server />}
      title={anywhere.noTargetGranted}
      action={admin ? <Link href={routes.grants()} className={buttonClass("primary")}>{targets.toGrants}</Link> : undefined}
    >
      {admin ? targets.noneAboutAdmin : targets.noneAbout}
    </Empty>
  );
}

/** What one may open, and whether that works right now. */
export default function TargetsPage() {
  const router = useRouter();
  const [text, setText] = useState("");
  const query = useSettled(text.trim(), TYPING_MS);
  const list = useList("GET /api/v1/targets", query ? { q: query } : {}, { everyMs: REFRESH_MS });
  const first = list.rows?.find(isOpenable);
  // Enter opens what is found, once that is what was asked for.
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (first && query !== "" && query === text.trim() && !list.isPlaceholderData) router.push(addressOfTarget(first));
  };
  return (
    <>
      <PageHead title={pages.myTargets} about={targets.about}>
        <form role="search" onSubmit={submit} className="relative w-[calc(100vw-2rem)] sm:w-72">
          <Search aria-hidden className="absolute top-2.5 left-2.5 size-4 text-faint sm:top-2" />
          <input
            type="search"
            aria-label={anywhere.searchTargets}
            placeholder={targets.searchFor}
            value={text}
            onChange={(event) => setText(event.target.value)}
            className={cx(inputClass, "pl-8")}
          />
        </form>
      </PageHead>
      <Listing list={list} empty={<NoTargets query={query} />}>
        {(rows) => <TargetTable rows={rows} onOpen={(target) => router.push(addressOfTarget(target))} />}
      </Listing>
    </>
  );
}
