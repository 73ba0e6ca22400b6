/** How a desktop is opened, out of the values of the form. */
import type { DesktopSettings, KeyboardLayout, Protocol } from "@/lib/api/schema";
import { desktops } from "@/texts/desktops";
import { optional, required } from "../../_components/form";

/** What makes the picture nicer and slower, as it is where nothing is said. */
export const LOOKS = { font_smoothing: true, wallpaper: false, theming: false, full_window_drag: false, desktop_composition: false, menu_animations: false };
export type Look = keyof typeof LOOKS;
export const LOOK_NAMES = Object.keys(LOOKS) as Look[];

export const SECURITIES = ["any", "nla", "tls", "rdp"] as const;
export const KEYBOARDS = Object.keys(desktops.keyboards) as KeyboardLayout[];
export const COLOR_DEPTHS = [8, 16, 24] as const;

/** Where the machine stands on everybody's network, and how long is usually waited for it. */
export const EVERYBODY = "255.255.255.255";
export const WAIT_S = 60;
export const GATEWAY_PORT = 443;

/** Fields that show their own errors, as the hub names them. */
export const DESKTOP = ["domain", "initial_program", "remote_app.program", "remote_app.dir", "remote_app.args", "color_depth", "gateway.hostname", "gateway.port", "gateway.domain", "gateway.username", "wake_on_lan.mac", "wake_on_lan.wait_seconds"].map((field) => `desktop.${field}`);

const oneOf = <T extends string>(of: readonly T[], value: string | undefined): T | undefined => of.find((known) => known === value);

/** What the form says of a target of this protocol; `undefined` of a shell. All of it: what is left out becomes usual. */
export function readDesktop(protocol: Protocol, values: FormData): DesktopSettings | undefined {
  const said = (field: string) => optional(values, `desktop.${field}`);
  const must = (field: string) => required(values, `desktop.${field}`);
  const on = (field: string) => values.has(`desktop.${field}`);
  if (protocol === "ssh") return undefined;
  const depth = said("color_depth");
  const color_depth = depth === undefined ? undefined : Number(depth);
  if (protocol === "vnc") return { color_depth };
  const shows = said("shows");
  return {
    color_depth,
    security: oneOf(SECURITIES, said("security")),
    domain: said("domain"),
    keyboard_layout: oneOf(KEYBOARDS, said("keyboard_layout")),
    initial_program: shows === "program" ? must("initial_program") : undefined,
    remote_app: shows === "app" ? { program: must("remote_app.program"), dir: said("remote_app.dir"), args: said("remote_app.args") } : undefined,
    console: on("console"),
    printer: on("printer"),
    ...Object.fromEntries(LOOK_NAMES.map((look) => [look, on(look)])),
    gateway: on("gateway") ? { hostname: must("gateway.hostname"), port: Number(must("gateway.port")), domain: said("gateway.domain"), username: said("gateway.username") } : undefined,
    wake_on_lan: on("wake_on_lan") ? { mac: must("wake_on_lan.mac"), broadcast: said("wake_on_lan.broadcast"), wait_seconds: Number(said("wake_on_lan.wait_seconds") ?? WAIT_S) } : undefined,
  };
}
