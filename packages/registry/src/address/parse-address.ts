import { ADDRESS_LENGTH_MAX, SEGMENTS_MAX } from "../limits.ts";
import type { Address, Authority } from "./address.ts";
import { badPathAt } from "./path.ts";
import { formOf, isDomain, isName, SEGMENT_EXAMPLES, type Segment } from "./segment.ts";
import { sourceFault } from "./source-fault.ts";

/** Options of `parseAddress`. */
export interface ParseAddressOptions {
  /** What `.` and `..` start from. Default: relative addresses are refused. */
  readonly base?: Address;
}

/** Tells what is wrong, and where. */
export type Refuse = (offset: number, why: string) => never;

/**
 * Reads an address:
 *
 *     address   = [ authority "::" ] segment { ":" segment } [ ":" path ]
 *     authority = domain | tag
 *     segment   = name | domain | version | email | tag
 *     tag       = "[" name "]"
 *     path      = "/" [ part { "/" part } [ "/" ] ]
 *     relative  = ( "." | ".." ) { ":" segment } [ ":" path ]
 *
 * Takes time in proportion to the length, of up to 1,024 characters.
 * @throws OrreryError `invalid_argument` with a caret under what is wrong
 * @example parseAddress("demo.test:site:1.0.0:/html/index.html")
 */
export function parseAddress(text: string, options: ParseAddressOptions = {}): Address {
  const refuse: Refuse = (offset, why) => {
    throw sourceFault({ action: "Cannot parse address", text, offset, why });
  };
  if (text.length === 0) refuse(0, `it is empty: write it as in "demo.test:files"`);
  if (text.length > ADDRESS_LENGTH_MAX)
    refuse(ADDRESS_LENGTH_MAX, `it is longer than ${ADDRESS_LENGTH_MAX} characters`);
  const { authority, from } = readAuthority(text, refuse);
  const { words, path } = splitAddress(text, from);
  if (path !== undefined) {
    const bad = badPathAt(path.text);
    if (bad !== undefined) refuse(path.offset + bad.offset, bad.why);
  }
  if (words.length > SEGMENTS_MAX)
    refuse(words[SEGMENTS_MAX]?.offset ?? 0, `it has more than ${SEGMENTS_MAX} segments`);
  const start = words[0]?.text === "." || words[0]?.text === ".." ? startOf(words[0], options.base, refuse) : undefined;
  if (start !== undefined && authority !== undefined)
    refuse(words[0]?.offset ?? 0, "what has an authority starts with a segment");
  const segments = (start === undefined ? words : words.slice(1)).map((word) => readSegment(word, refuse));
  const whole = start === undefined ? segments : [...start.segments, ...segments];
  if (whole.length === 0) refuse(from, "it names no segment: start with a space, such as demo.test");
  const route = authority ?? start?.authority;
  return {
    ...(route === undefined ? {} : { authority: route }),
    segments: whole,
    ...(path === undefined ? {} : { path: path.text }),
  };
}

/** A part of a text, and where it begins. */
export interface Word {
  readonly text: string;
  readonly offset: number;
}

/** Reads what stands before `::`. */
export function readAuthority(text: string, refuse: Refuse): { readonly authority?: Authority; readonly from: number } {
  const end = text.indexOf("::");
  if (end === -1 || (text.indexOf(":/") !== -1 && text.indexOf(":/") < end)) return { from: 0 };
  const name = text.slice(0, end);
  const from = end + 2;
  if (isDomain(name)) return { authority: { form: "domain", text: name }, from };
  if (formOf(name) === "tag") return { authority: { form: "tag", text: name }, from };
  return refuse(
    0,
    `"${name}" names no network: before "::" stands a domain, as in hub.test::, or a tag, as in [hub]::`,
  );
}

/** Splits what follows the authority into its words, and the path that ends it. */
export function splitAddress(text: string, from: number): { readonly words: readonly Word[]; readonly path?: Word } {
  const root = text.startsWith("/", from) ? from : text.indexOf(":/", from);
  const end = root === -1 ? text.length : root;
  const words: Word[] = [];
  for (let offset = from; offset <= end && !(root === from); ) {
    const colon = text.indexOf(":", offset);
    const next = colon === -1 || colon > end ? end : colon;
    words.push({ text: text.slice(offset, next), offset });
    offset = next + 1;
  }
  if (root === -1) return { words };
  const offset = root === from ? root : root + 1;
  return { words, path: { text: text.slice(offset), offset } };
}

function startOf(
  { text, offset }: Word,
  base: Address | undefined,
  refuse: Refuse,
): Pick<Address, "authority" | "segments"> {
  if (base === undefined)
    refuse(offset, `"${text}" is relative, and there is nothing here that it starts from: write the whole address`);
  const { authority, segments } = base as Address;
  const up = text === ".." ? segments.slice(0, -1) : segments;
  if (up.length === 0) refuse(offset, `".." leads out of "${segments[0]?.text}", which is a space`);
  return { ...(authority === undefined ? {} : { authority }), segments: up };
}

/** Reads one segment. */
export function readSegment({ text, offset }: Word, refuse: Refuse): Segment {
  const form = formOf(text);
  if (form !== undefined) return { form, text };
  return refuse(...whyNoSegment(text, offset));
}

/** Says where a segment goes wrong, and why. */
function whyNoSegment(text: string, offset: number): [number, string] {
  const { name, domain, version, email } = SEGMENT_EXAMPLES;
  if (text === "") return [offset, `a segment is missing: put a name such as "${name}" between the colons`];
  if (text.startsWith("[")) return [offset, `"${text}" is no tag: write a name in brackets, as in [latest]`];
  if (/^\d+(\.\d+){0,1}$/.test(text) && text.includes("."))
    return [offset, `"${text}" is no version: a version has three numbers, as in ${version}`];
  const chars = [...text];
  const allowed = text.includes("@") ? /[a-zA-Z0-9.@_+-]/ : /[a-zA-Z0-9.-]/;
  const capital = chars.findIndex((char) => /[A-Z]/.test(char));
  const stray = chars.findIndex((char) => !allowed.test(char)); // It tells more than a capital does.
  const wrong = stray === -1 ? capital : stray;
  if (wrong !== -1) {
    const char = chars[wrong] ?? "";
    const at = offset + chars.slice(0, wrong).join("").length;
    if (stray === -1) return [at, `capitals are not allowed: write "${text.toLowerCase()}"`];
    const said = /\s/.test(char) ? "a blank" : `"${char}"`;
    return [at, `${said} is not allowed: a segment has small letters, digits and "-", as in "${name}"`];
  }
  if (text.split(".").some((part) => part.length > 63 && isName(part.slice(0, 63))))
    return [offset + 63, "a name has up to 63 characters"];
  return [
    offset,
    `"${text}" is no segment: write a name such as "${name}", a domain such as "${domain}", a version such as "${version}" or an e-mail such as "${email}"`,
  ];
}
