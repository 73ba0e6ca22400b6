"use client";
/** One desktop: a bar, what is to be known, the picture, and how it ended. It stays attached while it is not shown. */
import { Keyboard, PanelRight } from "lucide-react";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { tabState } from "@/lib/attachment/tab-look";
import { loadQuality, loadTouch, saveQuality, saveTouch, type Touch } from "@/lib/desktop/preferences";
import type { Quality } from "@/lib/desktop/quality";
import { isDesktopPanel } from "@/lib/shortcuts";
import { useShortcut } from "@/lib/use-shortcut";
import { anywhere } from "@/texts/anywhere";
import { desktop } from "@/texts/desktop";
import { kinds } from "@/texts/kinds";
import { IconButton } from "@/ui/button";
import { cx } from "@/ui/cx";
import { useToast } from "@/ui/toast";
import { Banner } from "../_attachment/banner";
import { Bar, FullScreen } from "../_attachment/bar";
import { Ended } from "../_attachment/ended";
import { Overlays } from "../_attachment/overlays";
import type { AttachmentProps } from "../_attachment/props";
import { useEnds } from "../_attachment/use-ends";
import { useFacts } from "../_attachment/use-facts";
import { KeyMenu } from "./key-menu";
import { Panel } from "./panel";
import { Transfers } from "./transfers";
import { useDesktop } from "./use-desktop";
import { useDrop } from "./use-drop";

/** Every key belongs to the desktop. */
const FULL_SCREEN_KEYS: string[] = [];
const WORDS = kinds.desktop;

export function Desktop({ way, shown, onWay, onAttach, onLook, onGoTo, onAdd, takeFocus }: AttachmentProps) {
  const box = useRef<HTMLDivElement>(null);
  const say = useToast();
  const [panel, setPanel] = useState(false);
  const [touch, setTouch] = useState<Touch>(loadTouch);
  const [quality, setQuality] = useState<Quality>(loadQuality);
  const { view, broken, pictured, text, files, attached } = useDesktop({ way, box, shown, quality, onWay, onPanel: () => setPanel(true) });
  const { name: known, site, about, user, watched } = useFacts(way, way.watch || view?.mode === "watch");
  const name = known ?? WORDS.title;
  const ends = useEnds(view, watched, () => attached?.connection.end());

  const over = view?.phase === "over";
  const seen = view?.opened === true;
  const watches = view?.mode === "watch";
  const takes = view?.phase === "open" && view.linkLost === null && !watches;
  const focus = () => attached?.input.focus();
  const retry = () => attached?.connection.retryNow();

  const state = tabState(view);
  const goesOn = seen && !over && !watches;
  const tellLook = useEffectEvent(onLook);
  useEffect(() => tellLook({ name, state, unseen: false, goesOn }), [name, state, goesOn]);

  const faces = useEffectEvent(() => {
    if (!shown) return;
    takeFocus.current = focus;
    if (!over && !view?.consent && seen && !panel) focus();
  });
  useEffect(() => faces(), [shown, attached, seen]);

  useEffect(() => {
    if (attached) attached.input.touch = touch;
  }, [attached, touch]);
  useEffect(() => attached?.input.sink.setAttribute("aria-label", desktop.surface(name)), [attached, name]);

  // The desktop sees these keys itself, while it has the focus; what had it may be gone.
  useShortcut((press) => shown && document.activeElement !== attached?.input.sink && isDesktopPanel(press), () => seen && !over && !watches && setPanel(true));
  useShortcut(({ ctrlKey, altKey, metaKey }) => shown && seen && !over && document.activeElement === document.body && !(ctrlKey || altKey || metaKey), focus);

  const drop = useDrop((dropped) => {
    if (!takes) return say(desktop.notNow, { bad: true });
    if (!view.transfer.upload) return say(desktop.blocked.upload, { bad: true });
    attached?.files.send(dropped);
  });
  const closePanel = () => {
    setPanel(false);
    focus();
  };
  return (
    <div className={cx("absolute inset-0 flex-col bg-canvas", shown || !seen ? "flex" : "hidden", !shown && "invisible")} data-phase={view?.phase ?? "loading"} data-session={view?.sessionId ?? undefined} data-pictured={pictured || undefined}>
      {shown && <title>{anywhere.pageTitle(name)}</title>}
      <Bar name={name} words={WORDS} about={about} view={view} onGoTo={onGoTo} onAdd={onAdd} hasKeys={false} ends={ends} onDone={focus}>
        {takes && attached && <span className="hidden pointer-coarse:contents"><IconButton label={desktop.keyboard} onClick={focus}><Keyboard className="size-4" aria-hidden /></IconButton></span>}
        {takes && attached && <KeyMenu onSend={(keysyms) => attached.input.combine(keysyms)} onDone={focus} />}
        {seen && !over && !watches && <IconButton label={desktop.panel} title={desktop.panelKey} aria-expanded={panel} onClick={() => (panel ? closePanel() : setPanel(true))}><PanelRight className="size-4" aria-hidden /></IconButton>}
        <FullScreen keys={FULL_SCREEN_KEYS} onDone={focus} />
      </Bar>
      <div data-room className="flex min-h-0 flex-1 flex-col">
        {view && <Banner view={view} site={site} user={user} onRetry={retry} onDone={focus} />}
        <main className="relative min-h-0 flex-1" {...drop.handlers}>
          <h1 className="sr-only">{WORDS.heading(name)}</h1>
          <div ref={box} inert={over || !seen} className={cx("desktop-box absolute inset-0", !seen && "opacity-0")} data-stale={(seen && !over && (view.phase !== "open" || view.linkLost !== null)) || undefined} data-watch={watches || undefined} />
          {seen && !over && !pictured && <p role="status" className="absolute inset-x-0 top-[40%] text-center text-muted">{desktop.waiting}</p>}
          {drop.over && <p className="pointer-events-none absolute inset-3 grid place-items-center rounded-xl border-2 border-dashed border-accent bg-scrim text-lg text-white">{desktop.dropHere}</p>}
          {attached && <Transfers files={attached.files} list={files.transfers} />}
          {panel && attached && seen && !over && !watches && (
            <Panel
              attached={attached}
              transfer={view.transfer}
              text={text}
              files={files}
              touch={touch}
              quality={quality}
              onQuality={(wanted) => setQuality(saveQuality(wanted))}
              saving={view.saving}
              latency={view.latency}
              onTouch={(wanted) => setTouch(saveTouch(wanted))}
              onClose={closePanel}
            />
          )}
          <Overlays
            name={name}
            words={WORDS}
            way={way}
            view={view}
            shown={shown}
            broken={broken ? desktop.notLoaded : null}
            later={ends.admin && watched ? watched : null}
            onRetry={retry}
            onAgree={() => attached?.connection.agree()}
            onAttach={onAttach}
          />
        </main>
      </div>
      {over && seen && <Ended view={view} name={name} words={WORDS} way={way} onAttach={onAttach} below />}
    </div>
  );
}
