"use client";
import { ArrowRight, FolderKey, Group as GroupIcon, MapPin, Plus, Server, Tag, UserRound } from "lucide-react";
import { useState, type ReactNode } from "react";
import Link from "next/link";
import { useAction, useList } from "@/lib/api/hooks";
import type { Grant } from "@/lib/api/schema";
import { routes } from "@/lib/routes";
import { access } from "@/texts/access";
import { anywhere } from "@/texts/anywhere";
import { grants } from "@/texts/grants";
import { pages } from "@/texts/pages";
import { Button, buttonClass } from "@/ui/button";
import { Empty } from "@/ui/states";
import { Table, Two, type Column } from "@/ui/table";
import { PageHead, Time } from "../../_components/page";
import { RowActions } from "../../_components/row-actions";
import { SearchListing } from "../../_components/search";
import { CreateGrant } from "./create";
import { EditTerms } from "./terms";
import { inWords, termsInWords, what, who } from "./words";

function What({ grant }: { grant: Grant }) {
  if (grant.zone_id) return <Named icon={<MapPin />} name={what(grant)} kind={grants.ofZone} />;
  if (grant.label) return <Named icon={<Tag />} name={what(grant)} kind={grants.withLabel} />;
  return <Named icon={<Server />} name={what(grant)} kind={anywhere.target} />;
}

function Named({ icon, name, kind }: { icon: ReactNode; name: string; kind: string }) {
  return (
    <div className="flex items-center gap-2.5">
      <span aria-hidden className="text-faint [&>svg]:size-4">{icon}</span>
      <Two main={name} more={kind} />
    </div>
  );
}

function Actions({ grant }: { grant: Grant }) {
  const remove = useAction("DELETE /api/v1/admin/grants/{id}");
  return (
    <RowActions
      texts={grants.changes}
      name={inWords(grant)}
      edit={(close) => <EditTerms grant={grant} onClose={close} />}
      deleting={grants.deleting}
      onDelete={() => remove.mutateAsync({ path: { id: grant.id } })}
    />
  );
}

const COLUMNS: Column<Grant>[] = [
  { key: "who", head: anywhere.who, breaks: true, cell: (grant) => (grant.group_id ? <Named icon={<GroupIcon />} name={who(grant)} kind={anywhere.group} /> : <Named icon={<UserRound />} name={who(grant)} kind={anywhere.user} />) },
  { key: "arrow", head: grants.mayOpen, wide: true, cell: () => <ArrowRight className="size-4 text-faint" aria-hidden /> },
  { key: "what", head: grants.what, grow: true, cell: (grant) => <What grant={grant} /> },
  { key: "terms", head: grants.terms, wide: true, breaks: true, cell: (grant) => <span className="text-muted">{termsInWords(grant) ?? grants.noLimits}</span> },
  { key: "created", head: grants.since, wide: true, cell: (grant) => <Time value={grant.created_at} /> },
  { key: "actions", head: "", right: true, cell: (grant) => <Actions grant={grant} /> },
];

export default function GrantsPage() {
  const list = useList("GET /api/v1/admin/grants", {});
  const [creating, setCreating] = useState(false);
  const create = <Button look="primary" onClick={() => setCreating(true)}><Plus className="size-4" aria-hidden />{grants.create}</Button>;
  return (
    <>
      <PageHead title={pages.grants} about={grants.about}>
        <Link href={routes.access()} className={buttonClass("plain")}>{access.why}</Link>
        {create}
      </PageHead>
      <SearchListing
        list={list}
        label={grants.search}
        words={(grant) => [who(grant), what(grant)]}
        empty={<Empty icon={<FolderKey />} title={grants.none} action={create}>{grants.noneAbout}</Empty>}
      >
        {(rows) => <Table label={pages.grants} columns={COLUMNS} rows={rows} rowKey={(grant) => grant.id} />}
      </SearchListing>
      {creating && <CreateGrant onClose={() => setCreating(false)} />}
    </>
  );
}
