import { createTableDirectory, type Directory, OrreryError } from "@orrery/core";
import { DIRECTORY_ADDRESSES_MAX, DIRECTORY_COMPONENTS_MAX } from "./limits.ts";

const COMPONENT = /^[a-zA-Z][a-zA-Z0-9_-]*(\.[a-zA-Z][a-zA-Z0-9_-]*)*$/;
const ADDRESS = /^[a-z][a-z0-9+]*:\/\/\S+$/;

/** Options of the parser. */
export interface ParseDirectoryOptions {
  /** Name of the file, for errors. Default: directory. */
  readonly file?: string;
}

/**
 * Parses a static directory: one component a line, its name and then the addresses of the nodes that run it, apart by blanks;
 * several addresses of one node are written with `|` between, `#` begins a comment, and a component may stand on several lines. Nothing else
 * can be said in it.
 * @throws OrreryError `invalid_argument` that lists every bad line as `file:line: what and why`.
 * @example
 * parseDirectory("weather  tcp://127.0.0.1:7101\nstations tcp://127.0.0.1:7102 tcp://127.0.0.1:7103");
 */
export function parseDirectory(text: string, options: ParseDirectoryOptions = {}): Directory {
  const { file = "directory" } = options;
  const table = new Map<string, string[]>();
  const problems: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const words = line
      .replace(/(^|\s)#.*$/, "")
      .trim()
      .split(/\s+/);
    const problem = words[0] === "" ? undefined : readLine(words, table);
    if (problem !== undefined) problems.push(`${file}:${index + 1}: ${problem}`);
  }
  if (problems.length > 0) throw new OrreryError("invalid_argument", problems.join("\n"), { details: { problems } });
  return createTableDirectory(Object.fromEntries(table));
}

function readLine(words: readonly string[], table: Map<string, string[]>): string | undefined {
  const [component = "", ...addresses] = words;
  if (!COMPONENT.test(component))
    return `Cannot read component name "${component}": a name is letters, digits, "-" and "_", in parts joined by "."`;
  if (addresses.length === 0)
    return `Cannot read component "${component}": it has no address, write one such as tcp://127.0.0.1:7101`;
  const known = table.get(component) ?? [];
  for (const address of addresses) {
    const problem = address.split("|").map(problemOf).find(Boolean);
    if (problem !== undefined) return problem;
    if (known.includes(address)) return `Cannot read component "${component}": address "${address}" is there twice`;
    known.push(address);
  }
  if (known.length > DIRECTORY_ADDRESSES_MAX)
    return `Cannot read component "${component}": it has more than ${DIRECTORY_ADDRESSES_MAX} addresses`;
  if (table.size >= DIRECTORY_COMPONENTS_MAX && !table.has(component))
    return `Cannot read component "${component}": the directory names more than ${DIRECTORY_COMPONENTS_MAX}`;
  table.set(component, known);
  return undefined;
}

/** What is wrong with one of the addresses of a place; empty for nothing. */
function problemOf(address: string): string {
  if (!ADDRESS.test(address))
    return `Cannot read address "${address}": write scheme://place, such as tcp://127.0.0.1:7101`;
  if (address.startsWith("tcp:") && !isTcpPlace(address))
    return `Cannot read address "${address}": a tcp address is tcp://host:port with a port from 1 to 65535`;
  return "";
}

function isTcpPlace(address: string): boolean {
  const match = /^tcp:\/\/(\[[0-9a-fA-F:.]+\]|[^\s:/?#[\]]+):(\d{1,5})(\?key=[0-9a-f]{64})?$/.exec(address);
  const port = Number(match?.[2]);
  return match !== null && port >= 1 && port <= 65_535;
}

/** Writes a directory in the form that `parseDirectory` reads. */
export function printDirectory(directory: Directory): string {
  const width = Math.max(0, ...directory.components().map((component) => component.length));
  const lines = directory
    .components()
    .map((component) => `${component.padEnd(width)}  ${directory.resolve(component).join(" ")}\n`);
  return lines.join("");
}
