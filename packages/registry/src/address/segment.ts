/** What a segment of an address may be; a kind says which of these its resources have. */
export type SegmentForm = "name" | "domain" | "version" | "email" | "tag";

/** One segment: its text as it stands in the address, and what that is. */
export interface Segment {
  readonly form: SegmentForm;
  readonly text: string;
}

/** Examples of each form, for errors and help. */
export const SEGMENT_EXAMPLES: Readonly<Record<SegmentForm, string>> = {
  name: "my-files",
  domain: "demo.test",
  version: "1.2.3",
  email: "ann@demo.test",
  tag: "[latest]",
};

/** As in host names. RFC 1035, 2.3.4 */
const NAME_LENGTH_MAX = 63;
const NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
/** As https://semver.org has it. */
const NUMBER = "(?:0|[1-9]\\d*)";
const PART = "(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)";
const VERSION = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${PART}(?:\\.${PART})*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);
const LOCAL = /^[a-z0-9](?:[a-z0-9._+-]*[a-z0-9_+-])?$/;

/** Says what a segment is, or `undefined` where it is none. The first that fits wins: version, tag, e-mail, name, domain. */
export function formOf(text: string): SegmentForm | undefined {
  if (VERSION.test(text)) return "version";
  if (text.startsWith("[")) return isTag(text) ? "tag" : undefined;
  if (text.includes("@")) return isEmail(text) ? "email" : undefined;
  if (isName(text)) return "name";
  return isDomain(text) ? "domain" : undefined;
}

/** Small letters, digits and `-`, which neither begins nor ends it; up to 63. */
export function isName(text: string): boolean {
  return text.length <= NAME_LENGTH_MAX && NAME.test(text);
}

/** Two names or more, with dots between them; the last is no number, so that `1.2` is no domain. */
export function isDomain(text: string): boolean {
  const names = text.split(".");
  return names.length > 1 && names.every(isName) && !/^\d+$/.test(names.at(-1) ?? "");
}

function isEmail(text: string): boolean {
  const at = text.lastIndexOf("@");
  const domain = text.slice(at + 1);
  return LOCAL.test(text.slice(0, at)) && (isDomain(domain) || isName(domain));
}

function isTag(text: string): boolean {
  return text.endsWith("]") && isName(text.slice(1, -1));
}
