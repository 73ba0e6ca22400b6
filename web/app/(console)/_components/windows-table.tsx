import type { ScheduledAccess } from "@/lib/api/schema";
import { onClocks, ownZone } from "@/lib/zone-time";
import { schedules } from "@/texts/schedules";

/** "2026-03-02 08:00 – 16:00"; with the second date where it is another one. Breaks between what belongs together. */
function Span({ from, to, zone }: { from: string; to: string; zone: string }) {
  const [begins, ends] = [from, to].map((time) => onClocks(time, zone).split("T")) as [string[], string[]];
  const [first, second] = begins[0] === ends[0] ? [begins[0], schedules.span(begins[1] ?? "", ends[1] ?? "")] : [schedules.from(begins.join(" ")), ends.join(" ")];
  return <><span className="whitespace-nowrap">{first}</span>{" "}<span className="whitespace-nowrap">{second}</span></>;
}

/** Windows on a zone's clocks and on one's own. */
export function WindowsTable({ windows, zone }: { windows: ScheduledAccess["windows"]; zone: string }) {
  const zones = [...new Set([zone, ownZone()])];
  return (
    <table className="w-full text-left tabular-nums">
      <thead className="text-faint">
        <tr>{zones.map((name) => <th key={name} scope="col" className="font-normal">{schedules.zoneTimes(name)}</th>)}</tr>
      </thead>
      <tbody>
        {windows.map(({ start_time, end_time }) => (
          <tr key={start_time}>
            {zones.map((name) => <td key={name} className="py-0.5 pr-3 align-top last:pr-0"><Span from={start_time} to={end_time} zone={name} /></td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
