import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { DesktopConnection } from "./connection";
import { encode } from "./instructions";
import type { DesktopView } from "./machine";
import { LATER_MS } from "./pace";
import type { DesktopTunnel } from "./tunnel";

/** The hub's end of a WebSocket, as the test wants it. */
class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  binaryType = "";
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;

  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.readyState = 3;
  }
  opens(): this {
    this.readyState = 1;
    this.onopen?.();
    return this;
  }
  says(...elements: string[]): this {
    this.onmessage?.({ data: encode(elements) });
    return this;
  }
  stands(mode = "own"): this {
    return this.says("", "opened", JSON.stringify({ session_id: "s1", mode, width: 1000, height: 700, transfer: { copy: true } }));
  }
}

function rig() {
  const tunnels: DesktopTunnel[] = [];
  const heard: unknown[] = [];
  let view: DesktopView | null = null;
  let ofFiles: DesktopTunnel | null = null;
  const connection = new DesktopConnection({
    address: "ws://hub/api/ws/connect/rdp/t",
    credential: "c",
    side: {
      wanted: { width: 1000, height: 700, dpi: 96 },
      saves: () => undefined,
      picture: (tunnel) => {
        tunnel.oninstruction = (opcode, parameters) => heard.push([opcode, ...parameters]);
        tunnel.connect();
        tunnels.push(tunnel);
      },
      files: (tunnel) => {
        tunnel.oninstruction = (opcode, parameters) => heard.push(["files", opcode, ...parameters]);
        tunnel.connect();
        ofFiles = tunnel;
      },
      stands: (width, height) => heard.push(["stands", width, height]),
      takes: (input) => heard.push(["takes", input]),
      blocked: (what) => heard.push(["blocked", what]),
    },
    onView: (now) => {
      view = now;
    },
    checkSignIn: () => Promise.resolve("signed_in"),
    onSignedOut: () => undefined,
  });
  connection.start(null);
  const socket = () => FakeSocket.all.at(-1) as FakeSocket;
  const tunnel = () => tunnels.at(-1) as DesktopTunnel;
  const files = () => ofFiles as unknown as DesktopTunnel;
  return { connection, socket, tunnel, tunnels, heard, files, view: () => view as DesktopView | null };
}

beforeEach(() => {
  FakeSocket.all = [];
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.useFakeTimers();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it("a new session is asked for with size and account, a known one by its id", () => {
  const { socket, connection } = rig();
  expect([socket().url, socket().protocol]).toEqual(["ws://hub/api/ws/connect/rdp/t?width=1000&height=700&dpi=96&credential=c", "guacamole"]);
  socket().opens().stands().onclose?.();
  vi.advanceTimersByTime(1000);
  expect(socket().url).toBe("ws://hub/api/ws/connect/rdp/t?width=1000&height=700&dpi=96&session=s1");
  connection.stop();
});

it("instructions go to the client of the current picture alone, and from it", () => {
  const { socket, tunnel, tunnels, heard, connection } = rig();
  socket().opens().says("size", "0", "1", "1").stands().says("sync", "7");
  expect(heard).toEqual([["stands", 1000, 700], ["takes", true], ["sync", "7"]]);
  const old = tunnel();
  socket().says("", "picture", "{}").says("sync", "8");
  expect([tunnels.length, old.isConnected(), heard.at(-1)]).toEqual([2, false, ["sync", "8"]]);
  old.connect();
  old.sendMessage("key", 97, 1);
  tunnel().sendMessage("key", 98, 1);
  expect(socket().sent).toEqual(["3.key,2.98,1.1;"]);
  connection.stop();
});

it("nothing but what it has drawn goes from who watches, and nothing at all while the line is lost", () => {
  const { socket, tunnel, connection } = rig();
  socket().opens().stands("watch");
  for (const opcode of ["key", "mouse", "size", "clipboard", "put", "sync", "ack"]) tunnel().sendMessage(opcode, 1);
  expect(socket().sent).toEqual(["4.sync,1.1;", "3.ack,1.1;"]);
  socket().says("", "notice", JSON.stringify({ code: "link_lost", message: "" }));
  tunnel().sendMessage("sync", 2);
  expect(socket().sent).toHaveLength(2);
  connection.stop();
});

it("files have a client of their own: pictures come and go, and it speaks while the line is lost", () => {
  const { socket, files, heard, connection } = rig();
  socket().opens().stands().says("filesystem", "0", "OpenPAM").says("blob", "2", "AAAA");
  const first = files();
  expect(heard.slice(-2)).toEqual([["files", "filesystem", "0", "OpenPAM"], ["blob", "2", "AAAA"]]);
  socket().says("", "picture", "{}").says("ack", "1024", "", "0");
  expect([first.isConnected(), heard.at(-1)]).toEqual([true, ["files", "ack", "0", "", "0"]]);
  socket().says("", "notice", JSON.stringify({ code: "link_lost", message: "" }));
  first.sendMessage("blob", 0, "AAAA");
  first.sendMessage("sync", 3);
  expect(socket().sent).toEqual(["4.blob,4.1024,4.AAAA;"]);
  socket().onclose?.();
  vi.advanceTimersByTime(1000);
  socket().opens().stands();
  expect([first.isConnected(), files() === first]).toEqual([false, false]);
  connection.stop();
});

it("who wants few bytes asks for them, and tells of each drawn frame a while later but the first", () => {
  const { socket, tunnel, connection } = rig();
  socket().opens().stands();
  connection.wants("text");
  expect(FakeSocket.all).toHaveLength(1);
  connection.wants("low");
  expect(FakeSocket.all).toHaveLength(2);
  expect(new URL(socket().url).searchParams.get("quality")).toBe("low");
  socket().opens().stands();
  tunnel().sendMessage("sync", 1);
  tunnel().sendMessage("sync", 2);
  tunnel().sendMessage("key", 97, 1);
  expect(socket().sent).toEqual(["4.sync,1.1;", "3.key,2.97,1.1;"]);
  vi.advanceTimersByTime(LATER_MS);
  expect(socket().sent.at(-1)).toBe("4.sync,1.2;");
  tunnel().sendMessage("sync", 3);
  connection.wants("text");
  expect(new URL(socket().url).searchParams.get("quality")).toBe("text");
  socket().opens().stands();
  vi.advanceTimersByTime(LATER_MS);
  expect(socket().sent, "an answer to another picture").toEqual([]);
  connection.stop();
});

it("what is no instruction ends the WebSocket, and another one is opened", () => {
  const { socket, view, connection } = rig();
  socket().opens().stands();
  const first = socket();
  first.onmessage?.({ data: "4.sync,x;" });
  expect([view()?.phase, first.readyState]).toEqual(["reconnecting", 3]);
  vi.advanceTimersByTime(1000);
  expect(FakeSocket.all).toHaveLength(2);
  connection.stop();
});
