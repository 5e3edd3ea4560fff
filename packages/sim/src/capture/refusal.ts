import { OrreryError } from "@orrery/core";
import type { Owner } from "./owner.ts";
import type { AnyFunction } from "./patches.ts";
import { originals } from "./system-originals.ts";

/** What real code may do inside an owner that the world cannot repeat. */
export interface RealCall {
  /** What was called, as its user writes it: `fs.readFile`. */
  readonly name: string;
  /** Why it cannot be the same twice: `it reads a real disk`. */
  readonly why: string;
  /** What would work. */
  readonly mend: string;
}

/** Places in the code that the mode `warn` has told of. */
const told = new WeakMap<Owner, Set<string>>();

/**
 * Makes the error for a real call inside an owner. Its stack begins at the caller of `below`.
 * In the mode `warn` it says the same once for each place, and gives undefined.
 */
export function refuse(owner: Owner, call: RealCall, below: AnyFunction): OrreryError | undefined {
  const { name, why, mend } = call;
  const text = `Cannot call ${name} at node "${owner.name}": ${why}, ${mend}`;
  const error = new OrreryError("failed_precondition", text);
  Error.captureStackTrace(error, below);
  const place = placeOf(error.stack ?? "", text);
  if (isNodesOwn(place)) return undefined;
  if (owner.mode !== "warn") return error;
  const places = told.get(owner) ?? new Set();
  told.set(owner, places);
  if (places.has(name + place)) return undefined;
  places.add(name + place);
  const warning = `${name} at node "${owner.name}" is not the same twice: ${why}, ${mend} (${place})`;
  if (owner.warn === undefined) originals.emitWarning(warning, "OrreryWarning");
  else owner.warn(warning);
  return undefined;
}

/** The first line of a stack below its text. */
function placeOf(stack: string, text: string): string {
  const start = stack.indexOf(text);
  const [line = ""] = stack.slice(start < 0 ? 0 : start + text.length + 1).split("\n");
  return line.trim().replace(/^at /, "");
}

/**
 * Node's own code is not held: what `import` and `require` read is the program itself, the same on every run of one commit, and what a
 * call leads to inside Node was judged where it was called.
 */
const NODES_OWN =
  /\(?node:(?:fs|net|tls|dns|dgram|https?|http2|_http_\w+|_tls_\w+|zlib|child_process|cluster|internal\/(?:modules|process\/esm|source_map|fs|dns|child_process|cluster|http2?|tls))\b/;

function isNodesOwn(place: string): boolean {
  return NODES_OWN.test(place);
}
