/** Whatever a person reads or hears stands in `texts/`: nowhere else in the pages' sources is there a text. */
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as ts from "typescript/unstable/ast";
import { API, type Program } from "typescript/unstable/sync";

const WEB = join(import.meta.dirname, "..");
const PLACES = ["app", "ui", "lib"];
/** Tests say what they expect, and the schema comes from the hub. */
const SPARED = /\.test\.tsx?$|\/rig\.ts$|^lib\/api\/schema\.ts$/;

/** Properties of elements and of objects that hold a text, whatever it looks like. */
const TEXT_PROPERTIES = new Set(
  "about action alt aria-description aria-label aria-roledescription aria-valuetext consequence deleting description head header heading hint label main more none nothing placeholder problem title todo why word".split(" "),
);

/** Names, where no text is expected: browsers and systems, keys as the DOM and the terminal know them, an error. */
const NAMES = new Set("Edge Opera Firefox Chrome Safari Android Windows ChromeOS Linux Esc Escape Tab Up Down Right Left PgUp PgDn ApiError".split(" "));

/** What looks like a text and is read by a program, by its file and its beginning. */
const CODE = [
  ["app/(console)/_components/join-dialog.tsx", "echo '"],
  ["lib/terminal/open.ts", "ui-monospace, "],
  ["lib/theme.ts", "("],
] as const;

const COMPARES = new Set([ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken]);

/** `null` for what is no literal; of a template what stands between its values. */
function literal(node: ts.Node): string | null {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node)) return node.head.text + node.templateSpans.map(({ literal: { text } }) => `${"\0"}${text}`).join("");
  return null;
}

const hasLetters = (text: string): boolean => /\p{L}/u.test(text);
const isClassList = (text: string): boolean => /[-:[]/.test(text) && text.trim().split(/\s+/).every((name) => /^[a-z[&>*!\0-]?[\w\-:[\]()/.,%#&>*!'=+~@\0]*$/.test(name));
/** A word with a capital letter, or several words. */
const isText = (text: string): boolean => /^\P{L}*\p{Lu}\p{Ll}/u.test(text) || (/\p{L}+[\p{P}]?\s+\0?\p{L}/u.test(text) && !isClassList(text));

/** What a literal is part of: the nearest property of an element or object, or `child` of an element. */
function use(node: ts.Node): string | null {
  let at = node;
  for (let { parent } = at; parent; { parent } = at) {
    if (ts.isJsxAttribute(parent)) return parent.name.getText();
    if (ts.isPropertyAssignment(parent)) return ts.isIdentifier(parent.name) ? parent.name.text : null;
    if (ts.isJsxExpression(parent) && !ts.isJsxAttribute(parent.parent)) return "child";
    if (ts.isCallExpression(parent) || ts.isStatement(parent)) return null;
    at = parent;
  }
  return null;
}

/** Literals that are names for programs wherever they stand. */
function isName(node: ts.Node): boolean {
  const { parent } = node;
  return (
    (ts.isBinaryExpression(parent) && COMPARES.has(parent.operatorToken.kind)) ||
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    ts.isExpressionStatement(parent) || ts.isImportDeclaration(parent) || ts.isImportTypeNode(parent.parent) || ts.isLiteralTypeNode(parent) || ts.isCaseClause(parent) || ts.isElementAccessExpression(parent)
  );
}

function texts(source: ts.SourceFile): { text: string; at: number }[] {
  const found: { text: string; at: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && hasLetters(node.text)) found.push({ text: node.text.trim(), at: node.end });
    const text = literal(node);
    if (text !== null && !isName(node)) {
      const part = use(node);
      const said = part === "child" || (part !== null && TEXT_PROPERTIES.has(part));
      if (part !== "className" && (said ? hasLetters(text) && !isClassList(text) : isText(text) && !NAMES.has(text))) found.push({ text, at: node.end });
    }
    node.forEachChild(visit);
  };
  visit(source);
  return found;
}

let api: API;
let program: Program | undefined;
beforeAll(() => {
  api = new API({ cwd: WEB });
  program = api.updateSnapshot({ openProject: "tsconfig.json" }).getProjects()[0]?.program;
});
afterAll(() => api.close());

it("no text stands outside of texts/", () => {
  const files = PLACES.flatMap((place) => readdirSync(join(WEB, place), { recursive: true, encoding: "utf8" }).map((file) => `${place}/${file}`));
  const sources = files.filter((file) => /\.tsx?$/.test(file) && !SPARED.test(file));
  expect(sources.length).toBeGreaterThan(100);
  const found = sources.flatMap((file) => {
    const source = program?.getSourceFile(join(WEB, file));
    if (source === undefined) throw new Error(`not in the program: ${relative(WEB, file)}`);
    const line = (at: number) => source.text.slice(0, at).split("\n").length;
    const said = texts(source).filter(({ text }) => !CODE.some(([where, begin]) => file === where && text.startsWith(begin)));
    return said.map(({ text, at }) => `${file}:${line(at)}: ${text}`);
  });
  expect(found).toEqual([]);
});
