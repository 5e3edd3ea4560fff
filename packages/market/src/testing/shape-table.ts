import { readFileSync, writeFileSync } from "node:fs";
import type { RecordShape, Shape } from "@orrery/mesh/internal";

const [BEGIN, END] = ["<!-- fields: begin -->", "<!-- fields: end -->"];

/** The table of a page's fields as the page has it, and as their shape has it; `ORRERY_WRITE=1` writes the latter into the page. */
export function fieldsOfPage(page: URL, shape: RecordShape): { readonly said: string; readonly wanted: string } {
  const text = readFileSync(page, "utf8");
  const [from, to] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)];
  const wanted = `\n\n| field | value | what it says |\n|---|---|---|\n${rowsOf(shape, "").join("\n")}\n\n`;
  if (process.env["ORRERY_WRITE"] === "1") writeFileSync(page, `${text.slice(0, from)}${wanted}${text.slice(to)}`);
  return { said: process.env["ORRERY_WRITE"] === "1" ? wanted : text.slice(from, to), wanted };
}

function rowsOf({ fields }: RecordShape, before: string): readonly string[] {
  return Object.entries(fields).flatMap(([name, { shape, about, isRequired = false }]) => {
    const path = `${before}${name}`;
    const row = `| \`${path}\` | ${whatOf(shape)}${isRequired ? ", required" : ""} | ${about} |`;
    const inner = innerOf(shape, path);
    return inner === undefined ? [row] : [row, ...rowsOf(inner.record, inner.before)];
  });
}

/** Fields below a field, and how their paths begin. */
function innerOf(shape: Shape, path: string): { readonly record: RecordShape; readonly before: string } | undefined {
  if (shape.kind === "record") return { record: shape, before: `${path}.` };
  if (shape.kind === "either") return { record: shape.long, before: `${path}.` };
  if (shape.kind === "list") return innerOf(shape.of, `${path}[]`);
  if (shape.kind === "map") return innerOf(shape.of, `${path}.NAME`);
  return undefined;
}

function whatOf(shape: Shape): string {
  switch (shape.kind) {
    case "text":
      return `${shape.what}, such as \`${shape.example}\``;
    case "number":
    case "integer":
    case "span":
      return `${shape.kind === "integer" ? "whole number, " : ""}${shape.min} to ${shape.max}`;
    case "boolean":
      return "`true` or `false`";
    case "choice":
      return shape.of.map((one) => `\`${one}\``).join(", ");
    case "scalar":
      return "a text or a number";
    case "json":
      return "anything";
    case "record":
      return "fields";
    case "either":
      return `${whatOf(shape.short)}, or fields`;
    case "list":
      return `list, ${shape.max} at most${isPlain(shape.of) ? `: ${whatOf(shape.of)}` : ""}`;
    case "map":
      return `by name, ${shape.max} at most${isPlain(shape.of) ? `: ${whatOf(shape.of)}` : ""}`;
  }
}

function isPlain(shape: Shape): boolean {
  return shape.kind !== "record";
}
