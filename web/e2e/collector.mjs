// A collector of traces: Rotel, which takes OTLP and prints each span.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { freePort } from "./demo.mjs";

// `deploy/dev/setup test` puts it there.
const PROGRAM = fileURLToPath(new URL("../../.tools/bin/rotel", import.meta.url));
const PATIENCE_MS = 10_000;

/** A span's lines: what stands before the colon, and after it. */
function span(lines) {
  const pairs = lines.map((line) => line.split(/ *: /)).map(([name, ...value]) => [name.trim(), value.join(": ")]);
  return Object.fromEntries(pairs);
}

/** Starts it; answers {settings, spans, stop}: the environment of who tells it, and the spans so far. */
export async function startCollector() {
  const port = await freePort();
  const printing = ["--exporter", "blackhole", "--debug-log", "traces", "--debug-log-verbosity", "detailed", "--batch-timeout", "20ms"];
  const listening = ["--otlp-grpc-endpoint", "127.0.0.1:0", "--otlp-http-endpoint", `127.0.0.1:${port}`];
  const child = spawn(PROGRAM, ["start", ...printing, ...listening], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (printed += text));
  await once(child.stdout, "data", { signal: AbortSignal.timeout(PATIENCE_MS) });
  const spans = () =>
    printed
      .split(/^ResourceSpans #\d+$/m)
      .flatMap((resource) => {
        const service = /-> service\.name: Str\((.*)\)/.exec(resource)?.[1];
        const [, ...texts] = resource.split(/^Span #\d+$/m);
        return texts.map((text) => ({ service, ...span(text.split("\n")) }));
      });
  const stop = async () => {
    child.kill("SIGTERM");
    await once(child, "exit");
    assert.equal(child.exitCode ?? 0, 0);
  };
  return { settings: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_BSP_SCHEDULE_DELAY: "50" }, spans, stop };
}
