/** Light or dark: as the system has it, unless one chose. The choice stays in this browser. */

export type Theme = "system" | "light" | "dark";

const KEY = "openpam.theme";

/** Runs before the page is painted; its hash is part of the Content-Security-Policy. */
export const THEME_SCRIPT = `(()=>{let t=null;try{t=localStorage.getItem("${KEY}")}catch{}const d=matchMedia("(prefers-color-scheme: dark)");const s=()=>{let c=document.documentElement.dataset.chosen||"";document.documentElement.dataset.theme=c||(d.matches?"dark":"light")};if(t==="light"||t==="dark")document.documentElement.dataset.chosen=t;s();d.addEventListener("change",s)})()`;

export function chosenTheme(): Theme {
  const chosen = document.documentElement.dataset.chosen;
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

export function chooseTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.chosen;
  else root.dataset.chosen = theme;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = theme === "system" ? (dark ? "dark" : "light") : theme;
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // A browser that keeps nothing: it holds for this page.
  }
}
