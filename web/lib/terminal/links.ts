/** Addresses in a terminal's output: opened only on purpose, in a tab that knows nothing of this one. */
import type { ILinkHandler, Terminal } from "@xterm/xterm";
import { output } from "@/texts/output";

/** What a target prints is not to be trusted: addresses of the web alone, and none that hides its host behind a name. */
export function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === "https:" || protocol === "http:") && username === "" && password === "";
}

export const opensLink = ({ ctrlKey, metaKey }: Pick<MouseEvent, "ctrlKey" | "metaKey">): boolean => ctrlKey || metaKey;

function open(event: MouseEvent, address: string): void {
  if (opensLink(event) && isWebAddress(address)) window.open(address, "_blank", "noopener,noreferrer");
}

/** A tooltip with the whole address, which a program may have put behind other words. */
function tell(terminal: Terminal, address: string): void {
  if (terminal.element && isWebAddress(address)) terminal.element.title = output.openLink(address);
}

const untell = (terminal: Terminal): void => terminal.element?.removeAttribute("title");

/** For addresses that programs mark as such (OSC 8). */
export const markedLinks = (terminal: () => Terminal): ILinkHandler => ({
  activate: open,
  hover: (_, address) => tell(terminal(), address),
  leave: () => untell(terminal()),
});

/** For those that just stand in the text. */
export async function findLinks(terminal: Terminal): Promise<void> {
  const { WebLinksAddon } = await import("@xterm/addon-web-links");
  terminal.loadAddon(new WebLinksAddon(open, { hover: (_, address) => tell(terminal, address), leave: () => untell(terminal) }));
}
