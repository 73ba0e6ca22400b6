"use client";
/** Sessions that commands are about: those say no more than an id. */
import { useQuery } from "@tanstack/react-query";
import { call } from "@/lib/api/client";
import { commands } from "@/texts/commands";

const FRESH_MS = 60_000;

export const useSession = (id: string) =>
  useQuery({ queryKey: ["GET /api/v1/sessions/{id}", id], queryFn: () => call("GET /api/v1/sessions/{id}", { path: { id } }), staleTime: FRESH_MS }).data;

/** Whose it is, and where. */
export function SessionName({ id }: { id: string }) {
  const session = useSession(id);
  return session ? commands.sessionOf(session.user, session.target) : null;
}
