import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isOrreryError, OrreryError } from "@orrery/core";
import { checkSyntax } from "./system-process.ts";

/** Which file was being loaded, from where. */
export interface LoadFailureOptions {
  /** Absolute path. */
  readonly file: string;
  readonly cwd: string;
}

/**
 * Turns what importing a file threw into an error for people: which file, which line where that is known, and what is wrong.
 * What the file's own code threw keeps its text.
 */
export function loadFailure(cause: unknown, { file, cwd }: LoadFailureOptions): OrreryError {
  const name = relative(cwd, file);
  const place = placeOf(cause, file, cwd);
  const options = { cause, details: place === undefined ? { file: name } : { file: name, place } };
  const text = `Cannot load "${name}": ${whyOf(cause, cwd)}${place === undefined ? "" : `, at ${place}`}`;
  return new OrreryError("invalid_argument", text, options);
}

function whyOf(cause: unknown, cwd: string): string {
  if (!(cause instanceof Error)) return `it threw ${typeof cause === "string" ? `"${cause}"` : String(cause)}`;
  const { code } = cause as NodeJS.ErrnoException;
  const missing = /^Cannot find (package|module) '([^']+)'(?: imported from (.+))?/.exec(cause.message);
  if (code === "ERR_MODULE_NOT_FOUND" && missing !== null) {
    const [, kind, what = "", from = ""] = missing;
    const importer = from === "" ? "it" : `"${relative(cwd, from)}"`;
    return kind === "package"
      ? `${importer} imports package "${what}", which is not installed, run npm install`
      : `${importer} imports "${relative(cwd, what)}", and there is no such file`;
  }
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX")
    return `${cause.message}, write what Node can run by leaving types out`;
  if (isOrreryError(cause)) return cause.message;
  return `${cause.name}: ${cause.message}`;
}

/** `file:line` of the first place outside of Node and packages that an error names. */
function placeOf(cause: unknown, file: string, cwd: string): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  const found = placeIn(cause.stack ?? "", cwd);
  if (found !== undefined || cause.name !== "SyntaxError") return found;
  return placeIn(checkSyntax(file), cwd); // Of plain JavaScript, Node tells the line only to those who ask for a check.
}

const PLACE = /(file:\/\/\/[^\s:)]+|(?<=[\s(]|^)\/[^\s:)]+):(\d+)/gm;

function placeIn(text: string, cwd: string): string | undefined {
  for (const [, where = "", line] of text.matchAll(PLACE)) {
    const path = where.startsWith("file:") ? fileURLToPath(where) : where;
    if (path.includes("/node_modules/") || isOwn(path)) continue;
    return `${relative(cwd, path)}:${line}`;
  }
  return undefined;
}

const OWN = fileURLToPath(new URL(".", import.meta.url));

/** Whether a place is in this package, whose frames tell nothing to the author of a component. */
function isOwn(path: string): boolean {
  return path.startsWith(OWN) && !path.includes(".test.") && !path.includes("/testing/");
}
