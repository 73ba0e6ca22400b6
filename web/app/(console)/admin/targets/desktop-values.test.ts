import { describe, expect, it } from "vitest";
import { readDesktop } from "./desktop-values";

function form(values: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(values)) data.set(`desktop.${name}`, value);
  return data;
}

/** As it is sent: what is `undefined` is left out. */
const sent = (...of: Parameters<typeof readDesktop>): unknown => JSON.parse(JSON.stringify(readDesktop(...of) ?? null));

const PLAIN = { console: false, printer: false, font_smoothing: false, wallpaper: false, theming: false, full_window_drag: false, desktop_composition: false, menu_animations: false };

describe("how a desktop is opened, out of its form", () => {
  it("a shell says nothing, and VNC its colours alone", () => {
    expect(sent("ssh", form({ color_depth: "16" }))).toBeNull();
    expect(sent("vnc", form({ color_depth: "16", domain: "PLANT", console: "on" }))).toEqual({ color_depth: 16 });
    expect(sent("vnc", form({ color_depth: "" }))).toEqual({});
  });

  it("what is empty is left out, and a box that is not checked is no", () => {
    const values = form({ security: "any", domain: " ", keyboard_layout: "", color_depth: "", shows: "desktop", font_smoothing: "on" });
    expect(sent("rdp", values)).toEqual({ ...PLAIN, security: "any", font_smoothing: true });
  });

  it("of what it shows only that counts which is chosen", () => {
    const both = { initial_program: "panel.exe", "remote_app.program": "||historian", "remote_app.args": "/line 3" };
    expect(sent("rdp", form({ ...both, shows: "program" }))).toEqual({ ...PLAIN, initial_program: "panel.exe" });
    expect(sent("rdp", form({ ...both, shows: "app" }))).toEqual({ ...PLAIN, remote_app: { program: "||historian", args: "/line 3" } });
    expect(sent("rdp", form({ ...both, shows: "desktop" }))).toEqual(PLAIN);
  });

  it("gateway and waking count where their box is checked", () => {
    const fields = { "gateway.hostname": "gate.plant", "gateway.port": "443", "gateway.username": "svc", "wake_on_lan.mac": "00:1a:2b:3c:4d:5e", "wake_on_lan.broadcast": "10.20.0.255", "wake_on_lan.wait_seconds": "90" };
    expect(sent("rdp", form(fields))).toEqual(PLAIN);
    expect(sent("rdp", form({ ...fields, gateway: "on", wake_on_lan: "on" }))).toEqual({
      ...PLAIN,
      gateway: { hostname: "gate.plant", port: 443, username: "svc" },
      wake_on_lan: { mac: "00:1a:2b:3c:4d:5e", broadcast: "10.20.0.255", wait_seconds: 90 },
    });
  });
});
