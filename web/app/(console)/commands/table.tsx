import type { SiteCommand } from "@/lib/api/schema";
import { commands } from "@/texts/commands";
import { Table, Two, type Column } from "@/ui/table";
import { Time } from "../_components/page";
import { SessionName } from "./session";
import { Standing } from "./standing";

const site = ({ satellite, zone }: SiteCommand) => commands.zone(satellite, zone);

/** What it is about: a session, and on a phone the site. */
function More({ command, ofOneSite }: { command: SiteCommand; ofOneSite: boolean }) {
  const { session_id: session } = command;
  return (
    <>
      {session && <div><SessionName id={session} /></div>}
      {!ofOneSite && <div className="md:hidden">{site(command)}</div>}
    </>
  );
}

const columns = (ofOneSite: boolean): Column<SiteCommand>[] => [
  { key: "kind", head: commands.command, grow: true, cell: (row) => <Two main={commands.kinds[row.kind].word} more={<More command={row} ofOneSite={ofOneSite} />} /> },
  ...(ofOneSite ? [] : [{ key: "site", head: commands.site, wide: true, breaks: true, cell: (row: SiteCommand) => <Two main={<span className="font-normal">{row.satellite}</span>} more={row.zone} /> }]),
  { key: "ordered", head: commands.ordered, wide: true, cell: (row) => <Two main={<span className="font-normal">{row.user}</span>} more={<Time value={row.ordered_at} ago />} /> },
  { key: "state", head: commands.result, cell: (row) => <Standing command={row} /> },
];

interface Props {
  rows: SiteCommand[];
  /** Where all are of one. */
  ofOneSite?: boolean;
  onOpen: (id: string) => void;
}

/** Commands, each the way to what came of it. */
export function CommandsTable({ rows, ofOneSite = false, onOpen }: Props) {
  return <Table label={commands.label} columns={columns(ofOneSite)} rows={rows} rowKey={(row) => row.id} faded={(row) => row.state === "withdrawn"} onOpen={(row) => onOpen(row.id)} />;
}
