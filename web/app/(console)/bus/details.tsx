import { Network } from "lucide-react";
import type { BusServer, BusStatus } from "@/lib/api/schema";
import { bytes } from "@/lib/format";
import { bus } from "@/texts/bus";
import { CodeCopy } from "@/ui/code-copy";
import { Facts, type Fact } from "@/ui/facts";
import { Card, Section } from "@/ui/section";
import { Empty } from "@/ui/states";
import { Table, Two, type Column } from "@/ui/table";
import { Time } from "../_components/page";

const SERVERS: Column<BusServer>[] = [
  { key: "name", head: bus.server, grow: true, cell: (row) => <span className="wrap-anywhere"><Two main={row.name} /></span> },
  { key: "version", head: bus.version, cell: (row) => row.version },
  { key: "connections", head: bus.connections, wide: true, right: true, cell: (row) => row.connections },
  { key: "leaf_nodes", head: bus.leafNodes, right: true, cell: (row) => <span title={bus.leafNodesAbout}>{row.leaf_nodes}</span> },
  { key: "memory", head: bus.memory, wide: true, right: true, cell: (row) => bytes(row.memory_bytes) },
];

function connectionFacts({ connected, since, url, managed, accounts, waiting, oldest_waiting: oldest }: BusStatus): Fact[] {
  return [
    ...(connected
      ? [
          { name: bus.since, value: <Time value={since} /> },
          { name: bus.where, value: <span className="font-mono text-xs wrap-anywhere">{url}</span> },
          { name: bus.server, value: managed ? bus.managed : bus.configured },
          { name: bus.accounts, value: accounts ?? "–" },
        ]
      : []),
    { name: bus.waiting, value: waiting === 0 ? bus.nothingWaits : <>{bus.waits(waiting)}<Time value={oldest} /></> },
  ];
}

function streamFacts({ stream }: BusStatus): Fact[] | null {
  if (!stream) return null;
  return [
    { name: bus.streamName, value: <span className="font-mono text-xs">{stream.name}</span> },
    { name: bus.messages, value: stream.messages.toLocaleString() },
    { name: bus.size, value: bytes(stream.bytes) },
    { name: bus.replicas, value: stream.replicas },
    { name: bus.consumers, value: stream.consumers },
  ];
}

/** Everything that is known of the bus, and how to listen. */
export function Details({ status }: { status: BusStatus }) {
  const { connected, url, managed, servers } = status;
  const stream = streamFacts(status);
  return (
    <>
      <div className="grid items-start gap-x-5 gap-y-6 lg:grid-cols-2">
        <Section title={bus.connection}>
          <Card><Facts items={connectionFacts(status)} /></Card>
        </Section>
        {connected && (
          <div>
            <Section title={bus.stream}>
              <Card>
                <div className="space-y-3">
                  <p className="text-muted">{stream ? bus.streamAbout : bus.noStream}</p>
                  {stream && <Facts items={stream} />}
                </div>
              </Card>
            </Section>
          </div>
        )}
      </div>
      {connected && (
        <Section title={bus.servers}>
          {servers.length > 0 ? (
            <Table label={bus.servers} columns={SERVERS} rows={servers} rowKey={(row) => row.name} />
          ) : (
            <Empty icon={<Network />} title={bus.noServers}>{bus.noServersAbout}</Empty>
          )}
        </Section>
      )}
      <Section title={bus.listen} about={bus.listenAbout}>
        <CodeCopy text={bus.commands(url ?? bus.anyUrl)} label={bus.listenCommands} />
        {managed && <p className="mt-2 text-[13px] text-muted">{bus.listenManaged}</p>}
      </Section>
    </>
  );
}
