import { expect, it } from "vitest";
import { COMBINATIONS, FUNCTION_KEYS, isPanel, isPaste, keysymsOf } from "./keysyms";

const [CTRL, ALT, SHIFT, META] = [0xffe3, 0xffe9, 0xffe1, 0xffe7];

it("Ctrl, Alt and Shift alone lead to the panel, in any order and on either side", () => {
  expect(isPanel([CTRL, ALT, SHIFT])).toBe(true);
  expect(isPanel([0xffe2, META, 0xffe4])).toBe(true);
  for (const others of [[CTRL, ALT], [CTRL, ALT, 0xffff], [CTRL, ALT, SHIFT, 97], [CTRL, 0xffe4, SHIFT]]) expect(isPanel(others)).toBe(false);
});

it("a paste is Ctrl+V, Cmd+V or Shift+Insert", () => {
  expect(isPaste(0x76, [CTRL, 0x76])).toBe(true);
  expect(isPaste(0x56, [CTRL, SHIFT, 0x56])).toBe(true);
  expect(isPaste(0x76, [0xffeb, 0x76])).toBe(true);
  expect(isPaste(0xff63, [SHIFT, 0xff63])).toBe(true);
  expect(isPaste(0x76, [0x76])).toBe(false);
  expect(isPaste(0x76, [CTRL, ALT, 0x76])).toBe(false);
  expect(isPaste(0x63, [CTRL, 0x63])).toBe(false);
});

it("the key menu has what browsers keep for themselves, and the function keys", () => {
  expect(COMBINATIONS.map(({ label }) => label)).toEqual(["Ctrl+Alt+Del", "Alt+Tab", "Windows key", "Ctrl+Esc", "Print Screen"]);
  expect(COMBINATIONS[0]?.keysyms).toEqual([CTRL, ALT, 0xffff]);
  expect([FUNCTION_KEYS.length, FUNCTION_KEYS[11]]).toEqual([12, { label: "F12", keysyms: [0xffc9] }]);
});

it("a text is keys: its characters, and what ends its lines", () => {
  expect(keysymsOf("aé\r\n\t")).toEqual([0x61, 0xe9, 0xff0d, 0xff09]);
  expect(keysymsOf("語😀€")).toEqual([0x0100_8a9e, 0x0101_f600, 0x0100_20ac]);
  expect(keysymsOf("\u0007\u0085")).toEqual([]);
});
