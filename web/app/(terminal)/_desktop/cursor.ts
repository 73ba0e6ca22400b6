/** The desktop's cursor as the browser's: as large as it is on the scaled picture. */

/** A browser that knows no density for cursors shows them as they come. */
const knowsDensity = (): boolean => CSS.supports("cursor", 'image-set(url("data:image/png;base64,") 2x) 0 0, auto');

export function cursorStyle(canvas: HTMLCanvasElement, x: number, y: number, scale: number): string {
  if (canvas.width === 0 || canvas.height === 0) return "none";
  const image = `url("${canvas.toDataURL("image/png")}")`;
  if (scale === 1 || !knowsDensity()) return `${image} ${x} ${y}, auto`;
  return `image-set(${image} ${1 / scale}x) ${Math.round(x * scale)} ${Math.round(y * scale)}, auto`;
}
