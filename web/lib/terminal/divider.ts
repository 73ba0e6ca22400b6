/** A thin line across a terminal, above the cursor's row. Programs that take the whole screen are spared it. */
import type { Terminal } from "@xterm/xterm";
import { output } from "@/texts/output";

export function drawDivider(terminal: Terminal): void {
  if (terminal.buffer.active.type === "alternate") return;
  const marker = terminal.registerMarker(0);
  const line = terminal.registerDecoration({ marker, width: terminal.cols, layer: "top" });
  line?.onRender((element) => {
    element.classList.add("terminal-divider");
    element.title = output.divider;
  });
}
