import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { listFiles, ROOT } from "./project.ts";

/** The page of every bound and default, from the root. */
export const BOUNDS_PAGE = "docs/reference/bounds.md";

/** A bound or default, as its source says it. */
export interface Bound {
  readonly name: string;
  readonly value: string;
  readonly meaning: string;
}

const TOP = `# Every bound and default

Written by \`npm run generate\` from the sources. A bound is a constant: nothing grows beyond it. An option has the default that stands beside
it, and can be set where its name says. What limits do together, and how they are changed live, stands in [Limits](limits.md).
`;

/** Makes the page: for each package its bounds, from every \`limits.ts\`, and the defaults of its public options. */
export async function makeBoundsPage(): Promise<string> {
  const files = listFiles(["packages/*/src/**/*.ts"]).filter(
    (file) => !/\.test\.ts$|\/(testing|gen|conformance)\//.test(file),
  );
  const packages = [...new Set(files.map((file) => file.split("/")[1] ?? ""))].sort();
  const parts = [TOP];
  for (const name of packages) {
    const own = files.filter((file) => file.startsWith(`packages/${name}/`)).sort();
    const bounds = (await Promise.all(own.filter((file) => file.endsWith("/limits.ts")).map(boundsOf))).flat();
    const isPublic = publicNames(name);
    const defaults = own
      .flatMap((file) => defaultsIn(readFileSync(join(ROOT, file), "utf8")))
      .filter((option) => isPublic.has(option.name.split(".")[0] ?? ""));
    if (bounds.length + defaults.length > 0) parts.push(`## ${name}\n`);
    if (bounds.length > 0) parts.push(`${table("bound", bounds)}\n`);
    if (defaults.length > 0) parts.push(`${table("option", defaults)}\n`);
  }
  return parts.join("\n");
}

/** Interfaces in the reports of a package's public API. */
function publicNames(name: string): ReadonlySet<string> {
  const reports = listFiles([`packages/${name}/api/*.api.md`]).map((file) => readFileSync(join(ROOT, file), "utf8"));
  return new Set(
    reports.flatMap((report) => [...report.matchAll(/^export interface (\w+)/gm)].map(([, one]) => one ?? "")),
  );
}

/** Writes the page. */
export async function writeBoundsPage(): Promise<void> {
  writeFileSync(join(ROOT, BOUNDS_PAGE), await makeBoundsPage());
}

/** Whether the committed page is what the sources give. */
export async function isBoundsPageFresh(): Promise<boolean> {
  const path = join(ROOT, BOUNDS_PAGE);
  return existsSync(path) && readFileSync(path, "utf8") === (await makeBoundsPage());
}

async function boundsOf(file: string): Promise<Bound[]> {
  const values = (await import(pathToFileURL(join(ROOT, file)).href)) as Readonly<Record<string, unknown>>;
  const meanings = meaningsIn(readFileSync(join(ROOT, file), "utf8"));
  return Object.entries(values).flatMap(([name, value]) =>
    typeof value === "number" ? [{ name, value: printBound(name, value), meaning: meanings.get(name) ?? "" }] : [],
  );
}

/** What the comment before each constant says; constants that follow one another share theirs. */
export function meaningsIn(source: string): ReadonlyMap<string, string> {
  const meanings = new Map<string, string>();
  let said = "";
  for (const [, comment, name] of source.matchAll(/\/\*\*([\s\S]*?)\*\/|^export const (\w+)|^\s*$/gm)) {
    if (comment !== undefined) said = inOneLine(comment);
    else if (name !== undefined) meanings.set(name, said);
    else said = "";
  }
  return meanings;
}

/** Options whose comment tells a default, as \`Interface.option\`. */
export function defaultsIn(source: string): Bound[] {
  const found: Bound[] = [];
  for (const [, owner = "", body = ""] of source.matchAll(/^export interface (\w+)[^{]*\{\n([\s\S]*?)^\}/gm)) {
    for (const [, comment = "", name = ""] of body.matchAll(
      /^ {2}\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2}(?:readonly )?(\w+)/gm,
    )) {
      const [, meaning = "", value = ""] = /^(.*?)\s*(?:…\s*)?Default: (.*)$/.exec(inOneLine(comment)) ?? [];
      if (value !== "") found.push({ name: `${owner}.${name}`, value: value.replace(/\.$/, ""), meaning });
    }
  }
  return found;
}

function inOneLine(comment: string): string {
  return comment.replaceAll(/\s*\n\s*\*?\s*/g, " ").trim();
}

/** A number with the unit that its name ends in. */
export function printBound(name: string, value: number): string {
  if (/(^|_)BYTES(_|$)/.test(name))
    return withUnit(
      value,
      [
        [2 ** 30, "GiB"],
        [2 ** 20, "MiB"],
        [2 ** 10, "KiB"],
      ],
      "bytes",
    );
  if (/(^|_)MS(_|$)/.test(name))
    return withUnit(
      value,
      [
        [86_400_000, "d"],
        [3_600_000, "h"],
        [60_000, "min"],
        [1000, "s"],
      ],
      "ms",
    );
  return grouped(value);
}

/** In the largest unit of which it is a whole number. */
function withUnit(value: number, units: readonly (readonly [size: number, unit: string])[], least: string): string {
  const [size, unit] = units.find(([one]) => value >= one && value % one === 0) ?? [1, least];
  return `${grouped(value / size)} ${unit}`;
}

function grouped(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString("en-US") : String(value);
}

function table(what: string, bounds: readonly Bound[]): string {
  const rows = bounds.map(({ name, value, meaning }) => `| \`${name}\` | ${cell(value)} | ${cell(meaning)} |`);
  return [`| ${what} | ${what === "bound" ? "value" : "default"} | meaning |`, "|---|---|---|", ...rows].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
