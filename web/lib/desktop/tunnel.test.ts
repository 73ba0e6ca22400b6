import { expect, it } from "vitest";
import { DesktopTunnel } from "./tunnel";

function rig() {
  const written: string[][] = [];
  const tunnel = new DesktopTunnel((instruction) => void written.push(instruction));
  return { tunnel, written };
}

it("carries whole instructions while it is open, and says nothing that would end anything", () => {
  const { tunnel, written } = rig();
  tunnel.sendMessage("key", 97, 1);
  tunnel.connect();
  tunnel.sendMessage("key", 97, 1);
  tunnel.sendMessage("clipboard", 0, "text/plain", "😀");
  tunnel.sendMessage("disconnect");
  tunnel.disconnect();
  tunnel.sendMessage("key", 97, 0);
  expect(written).toEqual([["key", "97", "1"], ["clipboard", "0", "text/plain", "😀"]]);
});

it("hands on what comes, and how it stands, as Guacamole's client expects it", () => {
  const { tunnel } = rig();
  const heard: unknown[] = [];
  tunnel.oninstruction = (opcode, parameters) => heard.push([opcode, parameters]);
  tunnel.onstatechange = (state) => heard.push(state);
  tunnel.onuuid = (uuid) => heard.push(uuid);
  tunnel.receive(["sync", "1"]);
  tunnel.connect();
  tunnel.connect();
  tunnel.named("s1");
  tunnel.receive(["sync", "2"]);
  tunnel.disconnect();
  tunnel.receive(["sync", "3"]);
  expect(heard).toEqual([1, "s1", ["sync", ["2"]], 2]);
  expect([tunnel.uuid, tunnel.isConnected()]).toEqual(["s1", false]);
});
