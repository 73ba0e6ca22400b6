"use client";
import { ChevronDown, Monitor, SquareTerminal } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import type { GrantedTarget } from "@/lib/api/schema";
import { isDesktop } from "@/lib/attachment/way";
import { clockTime, fullTime } from "@/lib/format";
import { addressOfTarget, isOpenable, obstacle } from "@/lib/targets";
import { anywhere } from "@/texts/anywhere";
import { obstacles } from "@/texts/obstacles";
import { targets } from "@/texts/targets";
import { Badge } from "@/ui/badge";
import { Button, buttonClass } from "@/ui/button";
import { Menu } from "@/ui/menu";
import { Table, Two, type Column } from "@/ui/table";

/** Opens at once; where one may sign in as several accounts, a menu beside it asks which. */
function OpenTarget({ target }: { target: GrantedTarget }) {
  const router = useRouter();
  const why = obstacle(target);
  const Icon = isDesktop(target) ? Monitor : SquareTerminal;
  const label = <><Icon className="size-3.5" aria-hidden />{targets.open}</>;
  if (why !== null) return <Button small why={why} aria-label={targets.openOne(target.name)}>{label}</Button>;
  const several = target.credentials.length > 1;
  return (
    <div className="inline-flex gap-1">
      <Link href={addressOfTarget(target)} aria-label={targets.openOne(target.name)} className={buttonClass(target.reachable && target.open ? "primary" : "plain", true)}>{label}</Link>
      {several && (
        <Menu
          label={targets.accountsOn(target.name)}
          header={<span className="text-xs text-muted">{targets.signInAs}</span>}
          trigger={<Button small look="plain" aria-label={targets.chooseAccount(target.name)} className="px-1.5"><ChevronDown className="size-3.5" aria-hidden /></Button>}
          items={target.credentials.map(({ id, username }) => ({
            label: <span className="font-mono text-[13px]">{username}</span>,
            onSelect: () => router.push(addressOfTarget(target, id)),
          }))}
        />
      )}
    </div>
  );
}

function Reach({ target }: { target: GrantedTarget }) {
  if (!target.open) {
    const opens = target.opens_at ? targets.opens(clockTime(target.opens_at)) : targets.over;
    return <Badge title={target.opens_at ? fullTime(target.opens_at) : targets.overAbout}>{opens}</Badge>;
  }
  if (target.reachable && target.closes_at) return <Badge tone="ok" dot title={fullTime(target.closes_at)}>{targets.openUntil(clockTime(target.closes_at))}</Badge>;
  if (target.reachable) return <Badge tone="ok" dot>{targets.reachable}</Badge>;
  return <Badge tone="warn" dot title={targets.unreachableAbout}>{obstacles.unreachable}</Badge>;
}

/** On a phone the state stands beside the name. */
function Name({ target }: { target: GrantedTarget }) {
  return <span className="inline-flex flex-wrap items-center gap-2">{target.name}<span className="md:hidden"><Reach target={target} /></span></span>;
}

const accounts = ({ credentials }: GrantedTarget): string =>
  credentials.length > 2 ? anywhere.andMore(credentials[0]?.username ?? "", credentials.length - 1) : credentials.map(({ username }) => username).join(", ");

const COLUMNS: Column<GrantedTarget>[] = [
  { key: "name", head: anywhere.target, grow: true, cell: (target) => <Two main={<Name target={target} />} more={<><div className="md:hidden">{target.zone}</div>{target.description}</>} /> },
  { key: "zone", head: anywhere.zone, wide: true, breaks: true, cell: (target) => target.zone },
  { key: "account", head: anywhere.account, wide: true, cell: (target) => <span className="font-mono text-[13px]">{accounts(target)}</span> },
  { key: "protocol", head: targets.protocol, wider: true, cell: (target) => target.protocol.toUpperCase() },
  { key: "reach", head: anywhere.state, wide: true, cell: (target) => <Reach target={target} /> },
  { key: "open", head: "", right: true, cell: (target) => <OpenTarget target={target} /> },
];

export function TargetTable({ rows, onOpen }: { rows: GrantedTarget[]; onOpen: (target: GrantedTarget) => void }) {
  return (
    <Table
      label={targets.label}
      columns={COLUMNS}
      rows={rows}
      rowKey={(target) => target.id}
      onOpen={(target) => isOpenable(target) && onOpen(target)}
    />
  );
}
