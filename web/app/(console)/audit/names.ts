"use client";
import { useList, useMe, useWholeList } from "@/lib/api/hooks";
import { auditLists } from "@/texts/audit-lists";
import { anywhere } from "@/texts/anywhere";

interface Named {
  id: string;
  name: string;
}

/** Each once. A list of the newest sessions has most of its people and targets many times. */
const distinct = (all: Named[] | undefined): Named[] | undefined => all && [...new Map(all.map((one) => [one.id, one])).values()];

/**
 * The users, targets and zones to choose from: all of them for an admin. An auditor may not read those lists,
 * so for them it is whoever and whatever the newest sessions name.
 */
export function useNames() {
  const { data: me } = useMe();
  const admin = me?.role === "admin";
  const users = useWholeList("GET /api/v1/admin/users", { enabled: admin });
  const targets = useWholeList("GET /api/v1/admin/targets", { enabled: admin });
  const zones = useWholeList("GET /api/v1/admin/zones", { enabled: admin });
  const recent = useList("GET /api/v1/audit", { limit: 500 }, { enabled: me !== undefined && !admin });
  if (admin) {
    return {
      users: { ...users, rows: users.rows?.map(({ id, username }) => ({ id, name: username })) },
      targets: { ...targets, rows: targets.rows?.map(({ id, name, zone }) => ({ id, name: anywhere.targetIn(name, zone) })) },
      zones: { ...zones, rows: zones.rows?.map(({ id, name }) => ({ id, name })) },
    };
  }
  const complete = recent.rows !== undefined;
  return {
    users: { ...recent, complete, rows: distinct(recent.rows?.map((row) => ({ id: row.user_id, name: row.user }))) },
    targets: { ...recent, complete, rows: distinct(recent.rows?.map((row) => ({ id: row.target_id, name: anywhere.targetIn(row.target, row.zone) }))) },
    zones: { ...recent, complete, rows: distinct(recent.rows?.map((row) => ({ id: row.zone_id, name: row.zone }))) },
  };
}

/** Why these two times leave nothing. */
export const backwards = ({ from, to }: { from?: string; to?: string }): string | null =>
  from && to && from >= to ? auditLists.backwards : null;
