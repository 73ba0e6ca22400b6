// What axe-core finds on a page.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core calls serious or critical, as lines, each with where it was. */
export async function faults(on, where) {
  await on.evaluate(AXE);
  const found = await on.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.replace(/ id="[^"]*"/, "").slice(0, 200)} ${failureSummary}`));
  });
  return found.map((fault) => [fault, where]);
}
