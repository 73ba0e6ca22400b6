/**
 * Whether a graphics card does the work of WebGL. Where the processor does, as on thin clients and virtual desktops,
 * each picture is copied back from where it was drawn, which takes longer than to draw with plain elements.
 */

/** What draws without a card calls itself by one of these: Chromium, Mesa, Windows. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|basic render|software/i;

export const drawsWithoutCard = (renderer: string): boolean => SOFTWARE.test(renderer);

export function isWebglFast(): boolean {
  // Some browsers refuse a slow one when they are asked to, others only name it.
  const context = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (context === null) return false;
  const names = context.getExtension("WEBGL_debug_renderer_info");
  const renderer: unknown = context.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER);
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return !drawsWithoutCard(String(renderer));
}
