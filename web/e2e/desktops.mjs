// Desktops of other kinds than the demo's, each with a screen that shows a terminal: an RDP server that wants the password
// before anything else (NLA), as Windows does, and a VNC server. Neither needs an account of this machine.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { within } from "./browser.mjs";
import { freePort } from "./demo.mjs";

const ACCOUNT = "operator";
/** VNC looks at no more than eight characters. */
const PASSWORD = "Pw-12345";
const START_MS = 30_000;
/** Characters of its log. */
const SAID = 4000;

const WINDOWS = `until xsetroot -solid '#402030' 2>/dev/null; do sleep 0.05; done
LANG=C.UTF-8 openbox --startup "xterm -geometry 80x24+40+40 -fa Monospace -fs 12 -e sh" &
`;
const STARTS = {
  nla: `set -e
winpr-hash -u "$ACCOUNT" -p "$PASSWORD" -f sam >sam
Xvfb "$DISPLAY" -screen 0 1024x768x24 -nolisten tcp -noreset &
${WINDOWS}
exec freerdp-shadow-cli /bind-address:127.0.0.1 "/port:$1" "/sam-file:$PWD/sam" +auth /sec:nla
`,
  vnc: `set -e
printf '%s\\n' "$PASSWORD" | tigervncpasswd -f >password
Xtigervnc "$DISPLAY" -rfbport "$1" -localhost -SecurityTypes VncAuth -PasswordFile password -geometry 1024x768 -depth 24 -noreset &
${WINDOWS}
wait
`,
};

function answers(port) {
  return new Promise((done) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      done(true);
    });
    socket.once("error", () => done(false));
  });
}

/** Starts one on loopback, `nla` or `vnc`; answers {port, account, password, said, stop}: `said()` is what it wrote last. */
export async function startDesktop(kind) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), `openpam-e2e-${kind}.`));
  // The display's number is that of a free port, so that nobody else has it.
  const env = { ...process.env, HOME: folder, DISPLAY: `:${port}`, ACCOUNT, PASSWORD };
  const log = join(folder, "output.log");
  const out = openSync(log, "a");
  const child = spawn("sh", ["-c", STARTS[kind], kind, port], { cwd: folder, env, stdio: ["ignore", out, out], detached: true });
  const said = () => readFileSync(log, "utf8").slice(-SAID);
  const ended = once(child, "exit");
  const stop = async () => {
    process.kill(-child.pid, "SIGKILL");
    await ended;
    for (const left of [folder, `/tmp/.X${port}-lock`, `/tmp/.X11-unix/X${port}`]) rmSync(left, { recursive: true, force: true });
  };
  try {
    await within(START_MS, `a server of ${kind}`, () => answers(Number(port)));
  } catch (error) {
    await stop();
    throw error;
  }
  return { port: Number(port), account: ACCOUNT, password: PASSWORD, said, stop };
}
