/** Keys, as they are called on a keyboard. */
export const keys = {
  ctrl: (key: string) => `Ctrl+${key}`,
  ctrlShift: (key: string) => `Ctrl+Shift+${key}`,
  command: (key: string) => `⌘${key}`,
  commandShift: (key: string) => `⌘⇧${key}`,
  names: { Esc: "Esc", Tab: "Tab", Ctrl: "Ctrl", Alt: "Alt", Up: "Up", Down: "Down", Left: "Left", Right: "Right", PgUp: "PgUp", PgDn: "PgDn" },
};
