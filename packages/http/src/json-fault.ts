/** The first place where text stops being JSON. */
export interface JsonFault {
  /** What should stand there. */
  readonly expected: string;
  /** What stands there instead: a quoted character, or "the end". */
  readonly found: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

type Expecting = "value" | "item" | "name" | "firstName" | "colon" | "after" | "nothing";

const WORDS: Readonly<Record<Expecting, string>> = {
  value: "a value",
  item: 'a value or "]"',
  name: "a name in double quotes",
  firstName: 'a name in double quotes or "}"',
  colon: '":"',
  after: '"," or the end of the list or object',
  nothing: "nothing more",
};

const SPACE = /[ \t\n\r]*/y;
const PLAIN = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Finds where text stops being JSON, for an error that a person can act on: `JSON.parse` tells the place only sometimes. It reads the
 * text once and needs no stack, however deeply it is nested. Gives nothing for text that is JSON.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const open: string[] = [];
  let expecting: Expecting = "value";
  let at = 0;
  for (;;) {
    at += lengthAt(SPACE, text, at);
    if (expecting === "nothing" && at === text.length) return undefined;
    const step = stepAt(text, at, expecting, open);
    if (typeof step === "string") return faultAt(text, at, step);
    if (step.fault !== undefined) return faultAt(text, step.at, step.fault);
    at = step.at;
    expecting = step.next;
  }
}

interface Step {
  readonly at: number;
  readonly next: Expecting;
  readonly fault?: string;
}

/** Reads one token; a string says what should have stood here. */
function stepAt(text: string, at: number, expecting: Expecting, open: string[]): Step | string {
  const sign = text[at];
  switch (expecting) {
    case "colon":
      return sign === ":" ? { at: at + 1, next: "value" } : WORDS.colon;
    case "firstName":
      if (sign === "}") return closed(at, open);
      return sign === '"' ? stringAt(text, at, "colon") : WORDS.firstName;
    case "name":
      return sign === '"' ? stringAt(text, at, "colon") : WORDS.name;
    case "after":
      return afterValue(sign, at, open);
    case "nothing":
      return WORDS.nothing;
    default:
      if (expecting === "item" && sign === "]") return closed(at, open);
      return valueAt(text, at, open) ?? WORDS[expecting];
  }
}

function valueAt(text: string, at: number, open: string[]): Step | undefined {
  const sign = text[at];
  const next: Expecting = open.length === 0 ? "nothing" : "after";
  if (sign === '"') return stringAt(text, at, next);
  if (sign === "{" || sign === "[") {
    open.push(sign);
    return { at: at + 1, next: sign === "{" ? "firstName" : "item" };
  }
  const length = lengthAt(PLAIN, text, at);
  return length === 0 ? undefined : { at: at + length, next };
}

function afterValue(sign: string | undefined, at: number, open: string[]): Step | string {
  const inObject = open.at(-1) === "{";
  if (sign === ",") return { at: at + 1, next: inObject ? "name" : "value" };
  if (sign === (inObject ? "}" : "]")) return closed(at, open);
  return inObject ? '"," or "}"' : '"," or "]"';
}

function closed(at: number, open: string[]): Step {
  open.pop();
  return { at: at + 1, next: open.length === 0 ? "nothing" : "after" };
}

function stringAt(text: string, from: number, next: Expecting): Step {
  for (let at = from + 1; ; ) {
    const sign = text[at];
    if (sign === '"') return { at: at + 1, next };
    if (sign === undefined) return { at, next, fault: "the closing quote of a string" };
    if (sign < " ") return { at, next, fault: "an escaped control character" };
    const length = sign === "\\" ? lengthAt(ESCAPE, text, at) : 1;
    if (length === 0) return { at, next, fault: "an escape that JSON has" };
    at += length;
  }
}

function lengthAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}

function faultAt(text: string, at: number, expected: string): JsonFault {
  const before = text.slice(0, at).split("\n");
  const sign = text.codePointAt(at);
  const found = sign === undefined ? "the end" : JSON.stringify(String.fromCodePoint(sign));
  return { expected, found, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
