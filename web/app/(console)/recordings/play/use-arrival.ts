"use client";
/** Reads a recording while it arrives, so that playing can begin before all of it is here. */
import { useEffect, useState } from "react";
import { ApiError, open, sentence } from "@/lib/api/client";
import { Unplayable } from "@/lib/playback/unplayable";
import { player } from "@/texts/player";
import type { Reader } from "./readers";

/** Just after a session's end the recording is still on its way from the site. */
const TRIES = 8;
const AGAIN_MS = 700;

/** How a kind of recording is read. */
export interface Source<Track> {
  operation: "GET /api/v1/recordings/{session_id}/cast" | "GET /api/v1/recordings/{session_id}/guac";
  reader: () => Reader<Track>;
}

export interface Arrival<Track> {
  track: Track | null;
  durationMs: number;
  /** Everything is here, or as much as may be. */
  complete: boolean;
  /** So much of it has come. */
  characters: number;
  /** Lines that made no sense. */
  bad: number;
  error: { missing: boolean; deleted?: boolean; text: string } | null;
}

const NOTHING = { track: null, durationMs: 0, complete: false, characters: 0, bad: 0, error: null };

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function request(operation: Source<unknown>["operation"], session: string, signal: AbortSignal): Promise<Response> {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await open(operation, { path: { session_id: session } }, signal);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404) || left === 0) throw error;
      await pause(AGAIN_MS);
      signal.throwIfAborted();
    }
  }
}

interface Growing {
  readonly full: boolean;
  readonly durationMs: number;
}

async function read<Track extends Growing>({ operation, reader: begin }: Source<Track>, session: string, signal: AbortSignal, show: (arrival: Arrival<Track>) => void): Promise<void> {
  const response = await request(operation, session, signal);
  const body = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const reader = begin();
  let characters = 0;
  for (;;) {
    const { done, value } = (await body?.read()) ?? { done: true, value: undefined };
    signal.throwIfAborted();
    if (done) reader.finish();
    else reader.push(value);
    characters += value?.length ?? 0;
    const { track, bad } = reader;
    const complete = done || track?.full === true;
    show({ track, durationMs: track?.durationMs ?? 0, complete, characters, bad, error: null });
    if (complete) return void body?.cancel();
  }
}

function explain(error: unknown): NonNullable<Arrival<unknown>["error"]> {
  if (error instanceof Unplayable) return { missing: false, text: player.unplayable(error.message) };
  if (error instanceof ApiError) return { missing: error.status === 404, deleted: error.status === 410, text: sentence(error) };
  return { missing: false, text: player.brokeOff };
}

export function useArrival<Track extends Growing>(source: Source<Track>, session: string, attempt: number): Arrival<Track> {
  const [arrival, setArrival] = useState<Arrival<Track>>(NOTHING);
  useEffect(() => {
    const stop = new AbortController();
    setArrival(NOTHING);
    read(source, session, stop.signal, setArrival).catch((error: unknown) => {
      if (!stop.signal.aborted) setArrival((so) => ({ ...so, complete: true, error: explain(error) }));
    });
    return () => stop.abort();
  }, [source, session, attempt]);
  return arrival;
}
