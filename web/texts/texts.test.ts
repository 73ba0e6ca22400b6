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
  [
    "alt aria-description aria-label aria-roledescription aria-valuetext placeholder title",
    "about action consequence deleting description head header heading hint label main more none nothing problem todo why word",
  ].flatMap((names) => names.split(" ")),
);

/** Names, where no text is expected: browsers and systems, keys as the DOM and the terminal know them, an error. */
const NAMES = new Set("Edge Opera Firefox Chrome Safari Android Windows ChromeOS Linux Esc Escape Tab Up Down Right Left PgUp PgDn Control Alt Shift Meta Files ApiError".split(" "));

/** What looks like a text and is read by a program, by its file and its beginning. */
const CODE = [
  ["app/(console)/_components/join-dialog.tsx", "echo '"],
  ["lib/terminal/open.ts", "ui-monospace, "],
  ["lib/theme.ts", "("],
] as const;

const COMPARES = new Set([ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken]);

/** Stands for a value in a template. */
const VALUE = "…";

/** `null` for what is no literal. */
function literal(node: ts.Node): string | null {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node)) return node.head.text + node.templateSpans.map(({ literal: { text } }) => VALUE + text).join("");
  return null;
}

const hasLetters = (text: string): boolean => /\p{L}/u.test(text);
/** Names of CSS classes: none has a capital letter at its begin, and one at least has a hyphen, a colon or a bracket. */
const isClassList = (text: string): boolean => /[-:[]/.test(text) && text.trim().split(/\s+/).every((name) => /^(?![A-Z])[\w\-:[\]()/.,%#&>*!'=+~@…]+$/.test(name));
/** Begins with a capital letter, or has several words. */
const isText = (text: string): boolean => /^\P{L}*\p{Lu}\p{Ll}/u.test(text) || (/\p{L}\p{P}?\s+…?\p{L}/u.test(text) && !isClassList(text));

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
    [ts.isExpressionStatement, ts.isImportDeclaration, ts.isLiteralTypeNode, ts.isCaseClause, ts.isElementAccessExpression].some((is) => is(parent))
  );
}

function texts(source: ts.SourceFile): { text: string; at: number }[] {
  const found: { text: string; at: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && hasLetters(node.text)) found.push({ text: node.text.trim(), at: node.end });
    const text = literal(node);
    if (text !== null && !isName(node)) {
      const part = use(node);
      const isSaid = part === "child" || TEXT_PROPERTIES.has(part ?? "");
      const counts = isSaid ? hasLetters(text) && !isClassList(text) : part !== "className" && isText(text) && !NAMES.has(text);
      if (counts) found.push({ text, at: node.end });
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
