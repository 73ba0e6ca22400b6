/** Which browser on which system, as people call them, out of what it said that it is (User-Agent). */
import { account } from "@/texts/account";

const BROWSERS: [RegExp, string][] = [
  [/\bEdgA?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Chrome|Chromium|HeadlessChrome|CriOS)\//, "Chrome"],
  [/\bVersion\/\S+ .*Safari\//, "Safari"],
];

const SYSTEMS: [RegExp, string][] = [
  [/\b(iPhone|iPad)\b/, "iOS"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
];

const first = (names: [RegExp, string][], text: string): string | undefined => names.find(([pattern]) => pattern.test(text))?.[1];

/** "Firefox on Linux"; of a program that is none of these its own first word. */
export function browserName(userAgent: string | null | undefined): string {
  const said = userAgent?.trim() ?? "";
  if (said === "") return account.unknownBrowser;
  const browser = first(BROWSERS, said) ?? said.split(/[\s/]/)[0] ?? said;
  const system = first(SYSTEMS, said);
  return system ? account.browserOn(browser, system) : browser;
}
