import type { ScheduledAccess } from "@/lib/api/schema";
import { onClocks, ownZone } from "@/lib/zone-time";
import { schedules } from "@/texts/schedules";

/** "2026-03-02 08:00 – 16:00"; with the second date where it is another one. */
function span(from: string, to: string, zone: string): string {
  const [begins, ends] = [from, to].map((time) => onClocks(time, zone).replace("T", " ")) as [string, string];
  return schedules.span(begins, ends.startsWith(begins.slice(0, 10)) ? ends.slice(11) : ends);
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
            {zones.map((name) => <td key={name} className="pr-3 align-top last:pr-0">{span(start_time, end_time, name)}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
