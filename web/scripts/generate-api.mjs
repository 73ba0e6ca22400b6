// Writes lib/api/schema.ts from openapi.json: a type per schema, and per operation what goes in and what comes out.
// It knows what the hub's document holds and stops at anything else, so that nothing becomes untyped unnoticed.
import { readFileSync, writeFileSync } from "node:fs";

const document = JSON.parse(readFileSync(new URL("../openapi.json", import.meta.url), "utf8"));
const METHODS = ["get", "post", "put", "patch", "delete"];

function fail(what, schema) {
  throw new Error(`openapi.json: ${what} is not understood: ${JSON.stringify(schema)}`);
}

const nameOf = (ref) => ref.split("/").at(-1).replace(/[^A-Za-z0-9_]/g, "_");
const key = (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name));
const comment = (text, indent) =>
  text ? `${indent}/** ${text.trim().replace(/\s+/g, " ").replaceAll("*/", "* /")} */\n` : "";

function primitive(type, schema, indent) {
  switch (type) {
    case "string":
      return schema.enum ? schema.enum.map((value) => JSON.stringify(value)).join(" | ") : "string";
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "null":
      return "null";
    case "array": {
      const item = typeOf(schema.items, indent);
      return item.includes("|") ? `(${item})[]` : `${item}[]`;
    }
    case "object":
      return objectOf(schema, indent);
    default:
      return fail(`type ${type}`, schema);
  }
}

function objectOf(schema, indent) {
  const required = new Set(schema.required ?? []);
  const inner = `${indent}  `;
  const fields = Object.entries(schema.properties ?? {}).map(
    ([name, field]) =>
      `${comment(field.description, inner)}${inner}${key(name)}${required.has(name) ? "" : "?"}: ${typeOf(field, inner)};\n`,
  );
  return fields.length ? `{\n${fields.join("")}${indent}}` : "Record<string, unknown>";
}

function typeOf(schema, indent = "") {
  if (schema === undefined || schema === true || Object.keys(schema).every((name) => name === "description")) return "unknown";
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const union = schema.oneOf ?? schema.anyOf;
  if (union) return [...new Set(union.map((part) => typeOf(part, indent)))].sort((a, b) => (a === "null") - (b === "null")).join(" | ");
  if (schema.allOf) return schema.allOf.map((part) => typeOf(part, indent)).join(" & ");
  if (schema.enum && !schema.type) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  return types.map((type) => primitive(type, schema, indent)).join(" | ");
}

function parameters(operation, place) {
  const found = (operation.parameters ?? []).filter((parameter) => parameter.in === place);
  if (!found.length) return "undefined";
  const fields = found.map((parameter) => {
    const type = typeOf(parameter.schema).replace(" | null", "");
    return `${key(parameter.name)}${parameter.required ? "" : "?"}: ${type}`;
  });
  return `{ ${fields.join("; ")} }`;
}

function answer(operation) {
  const [, response] = Object.entries(operation.responses).find(([status]) => status.startsWith("2")) ?? [];
  const [content] = Object.values(response?.content ?? {});
  return content ? typeOf(content.schema) : "undefined";
}

const schemas = Object.entries(document.components.schemas)
  .sort(([a], [b]) => a.localeCompare(b))
  .map(([name, schema]) => `${comment(schema.description, "")}export type ${nameOf(name)} = ${typeOf(schema)};\n`);

const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  METHODS.filter((method) => item[method]).map((method) => {
    const operation = item[method];
    const body = operation.requestBody?.content?.["application/json"]?.schema;
    return (
      `${comment(operation.summary ?? operation.description, "  ")}  ${JSON.stringify(`${method.toUpperCase()} ${path}`)}: {\n` +
      `    path: ${parameters(operation, "path")};\n` +
      `    query: ${parameters(operation, "query")};\n` +
      `    body: ${body ? typeOf(body, "    ") : "undefined"};\n` +
      `    answer: ${answer(operation)};\n  };\n`
    );
  }),
);

writeFileSync(
  new URL("../lib/api/schema.ts", import.meta.url),
  `// Generated from openapi.json by \`npm run generate\`. Do not edit.\n\n${schemas.join("\n")}\nexport interface Operations {\n${operations.join("")}}\n`,
);
