import { OrreryError } from "@orrery/core";
import { CONFIG_DEPTH_MAX, CONFIG_NAME_LENGTH_MAX } from "./limits.ts";

/** Names from the top down; none for everything. */
export type ConfigPath = readonly string[];

/**
 * Reads a path: names with dots between them, as in `db.host`. A backslash stands before a dot or a backslash that is part of a name.
 * @throws OrreryError `invalid_argument`
 */
export function parseConfigPath(text: string): ConfigPath {
  if (text === "") return [];
  const names = [""];
  for (let at = 0; at < text.length; at++) {
    const isEscaped = text[at] === "\\";
    if (isEscaped && text[at + 1] !== "." && text[at + 1] !== "\\")
      throw refuse(text, `a "\\" stands only before "." or "\\", write "\\\\" for one that is part of a name`);
    if (text[at] === "." && !isEscaped) names.push("");
    else names.push(`${names.pop()}${text[isEscaped ? ++at : at]}`);
  }
  if (names.includes("")) throw refuse(text, "a name is missing, write it as in db.host");
  assertConfigPath(names);
  return names;
}

/** Writes a path as `parseConfigPath` reads it. */
export function printConfigPath(path: ConfigPath): string {
  return path.map((name) => name.replace(/[\\.]/g, "\\$&")).join(".");
}

/** Whether one is the other, or leads to it or from it. */
export function meet(one: ConfigPath, other: ConfigPath): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return short.every((name, index) => name === long[index]);
}

/** @throws OrreryError `invalid_argument` where it is too deep, or a name is none */
export function assertConfigPath(path: ConfigPath): void {
  const text = printConfigPath(path);
  if (path.length > CONFIG_DEPTH_MAX)
    throw refuse(`${text.slice(0, 60)}…`, `it has ${path.length} names, up to ${CONFIG_DEPTH_MAX} fit`);
  for (const name of path) {
    if (name === "") throw refuse(text, "it has an empty name, give each a name");
    if (name.length > CONFIG_NAME_LENGTH_MAX)
      throw refuse(
        `${text.slice(0, 60)}…`,
        `a name has ${name.length} characters, up to ${CONFIG_NAME_LENGTH_MAX} fit`,
      );
    if (name === "__proto__" || CONTROL.test(name) || !name.isWellFormed())
      throw refuse(text, `${JSON.stringify(name)} is no name, leave out what is not to be seen, and __proto__`);
  }
}

const CONTROL = /\p{Cc}/u;

function refuse(text: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot use path "${text}": ${why}`);
}
