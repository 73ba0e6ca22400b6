"use client";
/** Reads a recording while it arrives, so that playing can begin before all of it is here. */
import { useEffect, useState } from "react";
import { ApiError, open, sentence } from "@/lib/api/client";
import { CastParser, NoCast } from "@/lib/cast/parse";
import { Timeline } from "@/lib/cast/timeline";
import { player } from "@/texts/player";

/** Just after a session's end the recording is still on its way from the site. */
const TRIES = 8;
const AGAIN_MS = 700;

export interface Cast {
  timeline: Timeline | null;
  durationMs: number;
  /** Everything is here, or as much as may be. */
  complete: boolean;
  /** Lines that made no sense. */
  bad: number;
  error: { missing: boolean; deleted?: boolean; text: string } | null;
}

const NOTHING: Cast = { timeline: null, durationMs: 0, complete: false, bad: 0, error: null };

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function request(session: string, signal: AbortSignal): Promise<Response> {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await open("GET /api/v1/recordings/{session_id}/cast", { path: { session_id: session } }, signal);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404) || left === 0) throw error;
      await pause(AGAIN_MS);
      signal.throwIfAborted();
    }
  }
}

async function read(session: string, signal: AbortSignal, show: (cast: Cast) => void): Promise<void> {
  const response = await request(session, signal);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new CastParser();
  let timeline: Timeline | null = null;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    signal.throwIfAborted();
    const events = done ? parser.finish() : parser.push(value);
    if (parser.header) timeline ??= new Timeline(parser.header.cols, parser.header.rows);
    timeline?.append(events);
    const complete = done || timeline?.full === true;
    show({ timeline, durationMs: timeline?.durationMs ?? 0, complete, bad: parser.bad, error: null });
    if (complete) return void reader?.cancel();
  }
}

function explain(error: unknown): NonNullable<Cast["error"]> {
  if (error instanceof NoCast) return { missing: false, text: player.unplayable(error.message) };
  if (error instanceof ApiError) return { missing: error.status === 404, deleted: error.status === 410, text: sentence(error) };
  return { missing: false, text: player.brokeOff };
}

export function useCast(session: string, attempt: number): Cast {
  const [cast, setCast] = useState<Cast>(NOTHING);
  useEffect(() => {
    const stop = new AbortController();
    setCast(NOTHING);
    read(session, stop.signal, setCast).catch((error: unknown) => {
      if (!stop.signal.aborted) setCast((so) => ({ ...so, complete: true, error: explain(error) }));
    });
    return () => stop.abort();
  }, [session, attempt]);
  return cast;
}
