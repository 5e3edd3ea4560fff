import { ADDRESS_LENGTH_MAX, SEGMENTS_MAX } from "../limits.ts";
import { type Authority, printAddress } from "./address.ts";
import { type Refuse, readAuthority, readSegment, splitAddress, type Word } from "./parse-address.ts";
import { badPathAt } from "./path.ts";
import type { Segment } from "./segment.ts";
import { sourceFault } from "./source-fault.ts";

/** Which resources are meant: an address in which `*` stands for one step, and `**` at the end for all that lies below. */
export interface Selector {
  readonly authority?: Authority;
  readonly hops: readonly Hop[];
  /** The path inside, split at `/`; absent where the selector has none. */
  readonly path?: readonly PathHop[];
  /** Only resources of this kind. */
  readonly kind?: string;
}

/** A segment, any one step (a segment, or a part of a path), or everything below. */
export type Hop = Segment | { readonly form: "any" } | { readonly form: "below" };

/** A part of a path, any one part, or everything below. */
export type PathHop =
  | { readonly form: "part"; readonly text: string }
  | { readonly form: "any" }
  | { readonly form: "below" };

const KIND = /^[A-Z][A-Za-z0-9]*$/;

/**
 * Reads a selector:
 *
 *     selector = [ authority "::" ] hop { ":" hop } [ ":/" [ step { "/" step } ] ] [ "<" Kind ">" ]
 *     hop      = segment | "*" | "**"          step = part | "*" | "**"
 *
 * `**` stands at the end only. `a:*` is one level below `a`, `a:**` any depth, `a:**<File>` the files among them, `a:b:/**` what is inside `b`.
 * @throws OrreryError `invalid_argument` with a caret under what is wrong
 */
export function parseSelector(text: string): Selector {
  const refuse: Refuse = (offset, why) => {
    throw sourceFault({ action: "Cannot parse selector", text, offset, why });
  };
  if (text.length === 0) refuse(0, `it is empty: write it as in "demo.test:**"`);
  if (text.length > ADDRESS_LENGTH_MAX)
    refuse(ADDRESS_LENGTH_MAX, `it is longer than ${ADDRESS_LENGTH_MAX} characters`);
  const { kind, end } = readKindSuffix(text, refuse);
  const body = text.slice(0, end);
  const { authority, from } = readAuthority(body, refuse);
  const { words, path } = splitAddress(body, from);
  if (words.length === 0) refuse(from, "it starts with no segment: start with a space, such as demo.test, or with *");
  if (words.length > SEGMENTS_MAX)
    refuse(words[SEGMENTS_MAX]?.offset ?? 0, `it has more than ${SEGMENTS_MAX} segments`);
  const hops = words.map((word, index) =>
    readHop(word, { isLast: index === words.length - 1 && path === undefined, refuse }),
  );
  return {
    ...(authority === undefined ? {} : { authority }),
    hops,
    ...(path === undefined ? {} : { path: readPath(path, refuse) }),
    ...(kind === undefined ? {} : { kind }),
  };
}

/** Writes a selector as `parseSelector` reads it. */
export function printSelector({ authority, hops, path, kind }: Selector): string {
  const segments = hops.map((hop) => ({ form: "name" as const, text: hopText(hop) }));
  const inside = path === undefined ? {} : { path: `/${path.map(hopText).join("/")}` };
  const address = printAddress({ ...(authority === undefined ? {} : { authority }), segments, ...inside });
  return `${address}${kind === undefined ? "" : `<${kind}>`}`;
}

function hopText(hop: Hop | PathHop): string {
  if (hop.form === "any") return "*";
  return hop.form === "below" ? "**" : hop.text;
}

/** Reads what stands between `<` and `>` at the end of an address or selector; `end` is where it begins. */
function readKindSuffix(text: string, refuse: Refuse): { readonly kind?: string; readonly end: number } {
  const root = text.indexOf(":/");
  const open = text.indexOf("<", root === -1 || text.endsWith(">") ? 0 : text.length);
  if (open === -1) return { end: text.length };
  if (!text.endsWith(">")) refuse(text.length, 'a ">" is missing: write the kind as in <FileSystem>');
  const kind = text.slice(open + 1, -1);
  if (KIND.test(kind)) return { kind, end: open };
  return refuse(open + 1, `"${kind}" is no kind: a kind is one word that starts with a capital, as in <FileSystem>`);
}

function readHop(word: Word, { isLast, refuse }: { isLast: boolean; refuse: Refuse }): Hop {
  if (word.text === "*") return { form: "any" };
  if (word.text !== "**") return readSegment(word, refuse);
  if (!isLast) refuse(word.offset, '"**" stands at the end only: write "*" for one step');
  return { form: "below" };
}

function readPath({ text, offset }: Word, refuse: Refuse): readonly PathHop[] {
  const bad = badPathAt(text);
  if (bad !== undefined) refuse(offset + bad.offset, bad.why);
  const parts = text.slice(1).split("/");
  let at = offset + 1;
  return parts.map((part, index) => {
    const here = at;
    at += part.length + 1;
    if (part === "*") return { form: "any" };
    if (part !== "**") return { form: "part", text: part };
    if (index < parts.length - 1) refuse(here, '"**" stands at the end only: write "*" for one step');
    return { form: "below" };
  });
}
