// After the build: hashes every inline script of out/ into out/csp-hashes.txt, one source expression per line.
// Static pages can hold no nonce, so the Content-Security-Policy names the scripts by what they say.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const out = fileURLToPath(new URL("../out", import.meta.url));
const pages = readdirSync(out, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".html"));
const hashes = new Set();
for (const page of pages) {
  const html = readFileSync(join(out, page), "utf8");
  for (const [, attributes, script] of html.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/gi)) {
    if (/\ssrc=/i.test(attributes)) continue;
    hashes.add(`'sha256-${createHash("sha256").update(script, "utf8").digest("base64")}'`);
  }
  if (/\son[a-z]+="/i.test(html.replace(/<script[\s\S]*?<\/script>/gi, ""))) {
    throw new Error(`${page} holds an inline event handler, which the policy forbids`);
  }
}
writeFileSync(join(out, "csp-hashes.txt"), `${[...hashes].sort().join("\n")}\n`);
console.log(`csp-hashes.txt: ${hashes.size} inline scripts in ${pages.length} pages`);
