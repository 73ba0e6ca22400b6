"use client";
/** How a desktop is opened, as fields of a target's form: of RDP all of it, of VNC the colours alone. */
import { useState } from "react";
import { fieldError } from "@/lib/api/hooks";
import type { DesktopGateway, DesktopSettings, WakeOnLan } from "@/lib/api/schema";
import { desktops } from "@/texts/desktops";
import { Check, Checks, Choice, Input, Select } from "@/ui/field";
import { COLOR_DEPTHS, EVERYBODY, GATEWAY_PORT, KEYBOARDS, LOOK_NAMES, LOOKS, SECURITIES, WAIT_S } from "./desktop-values";

type Shows = keyof typeof desktops.showsKinds;
const SHOWS = (["desktop", "program", "app"] as const).map((value) => ({ value, label: desktops.showsKinds[value] }));

interface Part<T> {
  of?: T | null;
  error: unknown;
}

const asTyped = { autoCapitalize: "none", spellCheck: false } as const;
const problem = (error: unknown, field: string) => fieldError(error, `desktop.${field}`);

function Colors({ of, error }: Part<DesktopSettings>) {
  return (
    <Select label={desktops.colors} name="desktop.color_depth" defaultValue={of?.color_depth ?? ""} error={problem(error, "color_depth")}>
      <option value="">{desktops.colorsUsual}</option>
      {COLOR_DEPTHS.map((bits) => <option key={bits} value={bits}>{desktops.colorDepths[bits]}</option>)}
    </Select>
  );
}

function What({ of, error }: Part<DesktopSettings>) {
  const [shows, setShows] = useState<Shows>(of?.remote_app ? "app" : of?.initial_program ? "program" : "desktop");
  return (
    <>
      <Choice label={desktops.shows} value={shows} options={SHOWS} onChange={setShows} />
      <input type="hidden" name="desktop.shows" value={shows} />
      {shows === "program" && (
        <Input {...asTyped} label={desktops.program} name="desktop.initial_program" required maxLength={1024} placeholder={desktops.programExample} defaultValue={of?.initial_program ?? ""} hint={desktops.programHint} error={problem(error, "initial_program")} />
      )}
      {shows === "app" && (
        <>
          <Input {...asTyped} label={desktops.app} name="desktop.remote_app.program" required maxLength={260} placeholder={desktops.appExample} defaultValue={of?.remote_app?.program} hint={desktops.appHint} error={problem(error, "remote_app.program")} />
          <div className="grid gap-4 sm:grid-cols-2">
            <Input {...asTyped} label={desktops.appDir} name="desktop.remote_app.dir" maxLength={260} defaultValue={of?.remote_app?.dir ?? ""} error={problem(error, "remote_app.dir")} />
            <Input {...asTyped} label={desktops.appArgs} name="desktop.remote_app.args" maxLength={1024} defaultValue={of?.remote_app?.args ?? ""} error={problem(error, "remote_app.args")} />
          </div>
        </>
      )}
    </>
  );
}

function Gateway({ of, error }: Part<DesktopGateway>) {
  const [through, setThrough] = useState(Boolean(of));
  return (
    <>
      <Check label={desktops.gateway} name="desktop.gateway" checked={through} onChange={(event) => setThrough(event.target.checked)} />
      {through && (
        <>
          <div className="grid grid-cols-[minmax(0,1fr)_6rem] gap-3">
            <Input {...asTyped} label={desktops.gatewayHost} name="desktop.gateway.hostname" required maxLength={255} placeholder={desktops.gatewayExample} defaultValue={of?.hostname} hint={desktops.gatewayHint} error={problem(error, "gateway.hostname")} />
            <Input label={desktops.gatewayPort} name="desktop.gateway.port" type="number" required min={1} max={65535} defaultValue={of?.port ?? GATEWAY_PORT} error={problem(error, "gateway.port")} />
          </div>
          <div className="grid gap-4 sm:grid-cols-2">
            <Input {...asTyped} label={desktops.gatewayDomain} name="desktop.gateway.domain" maxLength={255} defaultValue={of?.domain ?? ""} error={problem(error, "gateway.domain")} />
            <Input {...asTyped} label={desktops.gatewayAccount} name="desktop.gateway.username" maxLength={255} defaultValue={of?.username ?? ""} hint={desktops.gatewayAccountHint} error={problem(error, "gateway.username")} />
          </div>
        </>
      )}
    </>
  );
}

function Wake({ of, error }: Part<WakeOnLan>) {
  const [wakes, setWakes] = useState(Boolean(of));
  return (
    <>
      <Check label={desktops.wake} name="desktop.wake_on_lan" checked={wakes} onChange={(event) => setWakes(event.target.checked)} />
      {wakes && (
        <>
          <Input {...asTyped} label={desktops.mac} name="desktop.wake_on_lan.mac" required maxLength={17} placeholder={desktops.macExample} defaultValue={of?.mac} error={problem(error, "wake_on_lan.mac")} />
          <div className="grid grid-cols-[minmax(0,1fr)_8rem] gap-3">
            <Input {...asTyped} label={desktops.broadcast} name="desktop.wake_on_lan.broadcast" required maxLength={45} defaultValue={of?.broadcast ?? EVERYBODY} hint={desktops.broadcastHint} />
            <Input label={desktops.wait} name="desktop.wake_on_lan.wait_seconds" type="number" required min={0} max={300} defaultValue={of?.wait_seconds ?? WAIT_S} error={problem(error, "wake_on_lan.wait_seconds")} />
          </div>
        </>
      )}
    </>
  );
}

function Rdp({ of, error }: Part<DesktopSettings>) {
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <Select label={desktops.security} name="desktop.security" defaultValue={of?.security ?? "any"}>
          {SECURITIES.map((security) => <option key={security} value={security}>{desktops.securities[security]}</option>)}
        </Select>
        <Input {...asTyped} label={desktops.domain} name="desktop.domain" maxLength={255} placeholder={desktops.domainExample} defaultValue={of?.domain ?? ""} hint={desktops.domainHint} error={problem(error, "domain")} />
        <Select label={desktops.keyboard} name="desktop.keyboard_layout" defaultValue={of?.keyboard_layout ?? ""} hint={desktops.keyboardHint}>
          <option value="">{desktops.keyboardUsual}</option>
          {KEYBOARDS.map((keyboard) => <option key={keyboard} value={keyboard}>{desktops.keyboards[keyboard]}</option>)}
        </Select>
        <Colors of={of} error={error} />
      </div>
      <What of={of} error={error} />
      <Checks label={desktops.look} hint={desktops.lookHint}>
        {LOOK_NAMES.map((look) => <Check key={look} label={desktops.looks[look]} name={`desktop.${look}`} defaultChecked={of?.[look] ?? LOOKS[look]} />)}
      </Checks>
      <Check label={desktops.console} name="desktop.console" defaultChecked={of?.console ?? false} />
      <Check label={desktops.printer} name="desktop.printer" defaultChecked={of?.printer ?? false} />
      <Gateway of={of?.gateway} error={error} />
      <Wake of={of?.wake_on_lan} error={error} />
    </>
  );
}

/** `of` is what stands. */
export function DesktopFields({ protocol, of, error }: Part<DesktopSettings> & { protocol: "rdp" | "vnc" }) {
  return (
    <section aria-label={desktops.title} className="space-y-4 border-t border-line pt-4">
      <div>
        <h3 className="font-semibold">{desktops.title}</h3>
        <p className="text-[13px] text-muted">{protocol === "rdp" ? desktops.rdpAbout : desktops.vncAbout}</p>
      </div>
      {protocol === "rdp" ? <Rdp of={of} error={error} /> : <Colors of={of} error={error} />}
    </section>
  );
}
