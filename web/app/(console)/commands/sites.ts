"use client";
import { useList, useMe, useWholeList } from "@/lib/api/hooks";
import { satelliteName } from "@/lib/satellite/words";
import { anywhere } from "@/texts/anywhere";

/**
 * The satellites to choose from: all of them for an admin. An auditor may not read that list, so for them it is those that the
 * newest commands name.
 */
export function useSites() {
  const { data: me } = useMe();
  const admin = me?.role === "admin";
  const satellites = useWholeList("GET /api/v1/admin/satellites", { enabled: admin });
  const recent = useList("GET /api/v1/admin/commands", { limit: 500 }, { enabled: me !== undefined && !admin });
  if (admin) {
    return { ...satellites, rows: satellites.rows?.map((row) => ({ id: row.id, name: anywhere.targetIn(satelliteName(row), row.zone) })) };
  }
  const named = new Map(recent.rows?.map((row) => [row.satellite_id, anywhere.targetIn(row.satellite, row.zone)]));
  return { ...recent, complete: recent.rows !== undefined, rows: [...named].map(([id, name]) => ({ id, name })) };
}
