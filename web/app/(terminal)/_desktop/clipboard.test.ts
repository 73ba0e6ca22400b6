import type { Client, OutputStream } from "guacamole-common-js";
import { expect, it } from "vitest";
import { fromBase64 } from "@/lib/desktop/blobs";
import { desktop } from "@/texts/desktop";
import { DesktopClipboard, MOST_BYTES } from "./clipboard";

function rig({ paste = true, live = true } = {}) {
  const given: string[] = [];
  const said: string[] = [];
  const stream = (): OutputStream => {
    let text = "";
    return { index: 0, onack: null, sendBlob: (data) => (text += new TextDecoder().decode(fromBase64(data) ?? undefined)), sendEnd: () => given.push(text) };
  };
  const client = { createClipboardStream: stream } as unknown as Client;
  const clipboard = new DesktopClipboard({
    client: () => (live ? client : null),
    transfer: () => ({ copy: true, paste, upload: false, download: false }),
    shown: () => false,
    onText: () => undefined,
    say: (text) => said.push(text),
  });
  return { clipboard, given, said };
}

it("what is pasted goes once, and not again over what came later", () => {
  const { clipboard, given } = rig();
  clipboard.pasted("one");
  clipboard.pasted("one");
  clipboard.give("from the panel", false);
  clipboard.pasted("one");
  clipboard.pasted("two");
  expect(given).toEqual(["one", "from the panel", "two"]);
});

it("what policy keeps out is said, once for each text", () => {
  const { clipboard, given, said } = rig({ paste: false });
  clipboard.pasted("one");
  clipboard.pasted("one");
  expect([given, said]).toEqual([[], [desktop.blocked.paste]]);
});

it("what is too long, or comes at a bad time, is said too; what nobody asked for is not", () => {
  const long = rig();
  long.clipboard.pasted("x".repeat(MOST_BYTES + 1));
  expect([long.given, long.said.length]).toEqual([[], 1]);
  const away = rig({ live: false });
  expect([away.clipboard.give("a", true), away.said]).toEqual([false, []]);
  away.clipboard.pasted("a");
  away.clipboard.pasted("b");
  expect(away.said).toEqual([desktop.notNow, desktop.notNow]);
});
