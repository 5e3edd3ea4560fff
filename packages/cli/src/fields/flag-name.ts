import { quote, type Refuse } from "./json.ts";
import { FLAG_DEPTH_MAX, FLAG_NAME_MAX } from "./limits.ts";

/** One part of a flag's path. */
export interface Segment {
  readonly name: string;
  /** True when it stood in quotes: then it is a key or name as it is, never an index. */
  readonly isQuoted: boolean;
  /** The path from here on as it was typed: a key may hold dots where nothing but the key can follow. */
  readonly rest: string;
}

/** An argument that begins with two dashes, taken apart at its first "=" outside quotes. */
export interface FlagText {
  /** Without the dashes and the value. */
  readonly name: string;
  /** Undefined when there is no "=". */
  readonly value: string | undefined;
}

/** Takes an argument such as `--labels."a=b".c=d` apart. */
export function splitFlag(arg: string): FlagText {
  const end = nameEnd(arg);
  const value = end < arg.length ? arg.slice(end + 1) : undefined;
  return { name: arg.slice(2, end), value };
}

function nameEnd(arg: string): number {
  for (let at = 2; at < arg.length; at++) {
    if (arg[at] === "=") return at;
    if (arg[at] === '"' && (at === 2 || arg[at - 1] === ".")) at = closingQuote(arg, at);
  }
  return arg.length;
}

/** Gives the index of the quote that closes the one at `open`; the text's length when there is none. */
function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

/**
 * Reads the path of a flag: names, indices and keys between dots; one with dots or "=" in it stands in quotes, as in JSON.
 * @throws what `refuse` makes for an empty part, a quote that does not close, or a path beyond the limits.
 */
export function readPath(name: string, refuse: Refuse): readonly Segment[] {
  if (name.length > FLAG_NAME_MAX) {
    throw refuse(`its name has ${name.length} characters, the limit is ${FLAG_NAME_MAX}`);
  }
  const segments: Segment[] = [];
  let at = 0;
  do {
    const end = name[at] === '"' ? closingQuote(name, at) + 1 : endOfPlain(name, at);
    segments.push(readSegment(name.slice(at, end), name.slice(at), refuse));
    if (end < name.length && name[end] !== ".") {
      throw refuse(
        `after the quotes of ${quote(name.slice(at, end))} comes ${quote(name.slice(end))}, write "." or "="`,
      );
    }
    at = end + 1;
  } while (at <= name.length);
  if (segments.length > FLAG_DEPTH_MAX) {
    throw refuse(`its path has ${segments.length} parts, the limit is ${FLAG_DEPTH_MAX}`);
  }
  return segments;
}

function endOfPlain(name: string, at: number): number {
  const dot = name.indexOf(".", at);
  return dot < 0 ? name.length : dot;
}

function readSegment(text: string, rest: string, refuse: Refuse): Segment {
  if (!text.startsWith('"')) return { name: text, isQuoted: false, rest };
  try {
    return { name: JSON.parse(text) as string, isQuoted: true, rest };
  } catch {
    throw refuse(`${quote(text)} is no quoted name, close it as in labels."a.b"`);
  }
}

/** Writes a name as it stands in a flag's path: in quotes where it must be. */
export function spellSegment(name: string): string {
  return /^[^."=\s]+$/.test(name) ? name : JSON.stringify(name);
}
