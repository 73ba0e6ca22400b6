import type { CommandFinding } from "@/lib/api/schema";
import { worstFirst } from "@/lib/commands";
import { commands } from "@/texts/commands";
import { Table, Two, type Column } from "@/ui/table";
import { LevelIcon } from "./standing";

const COLUMNS: Column<CommandFinding>[] = [
  { key: "check", head: commands.check, cell: ({ check, level }) => <span className="flex items-center gap-2 font-medium"><LevelIcon level={level} />{check}</span> },
  {
    key: "found",
    head: commands.found,
    grow: true,
    cell: ({ found, advice }) => <span className="wrap-anywhere"><Two main={<span className="font-normal">{found}</span>} more={advice && commands.advice(advice)} /></span>,
  },
];

/** What a diagnosis looked at, the worst first. */
export function Findings({ findings }: { findings: CommandFinding[] }) {
  return <Table label={commands.findings} columns={COLUMNS} rows={worstFirst(findings)} rowKey={(row) => `${row.check} ${row.found}`} />;
}
