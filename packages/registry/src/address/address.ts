import type { Segment } from "./segment.ts";

/** The name of one resource, read from text by `parseAddress`. */
export interface Address {
  /** The network that it belongs to; absent in the own. */
  readonly authority?: Authority;
  /** At least one; the first names the space. */
  readonly segments: readonly Segment[];
  /** The way inside a file system or bundle, from `/`; one that ends in `/` is a directory. */
  readonly path?: string;
}

/** Another network: by its domain, or by a tag that the own network keeps for it. */
export interface Authority {
  readonly form: "domain" | "tag";
  readonly text: string;
}

/** Writes an address as `parseAddress` reads it: `parseAddress(printAddress(a))` equals `a`. */
export function printAddress({ authority, segments, path }: Address): string {
  const route = authority === undefined ? "" : `${authority.text}::`;
  return `${route}${segments.map(({ text }) => text).join(":")}${path === undefined ? "" : `:${path}`}`;
}

/** The address of what it lies in; `undefined` for a space, which lies in nothing. */
export function parentOf(address: Address): Address | undefined {
  const { path, segments, ...rest } = address;
  if (path === undefined) return segments.length === 1 ? undefined : { ...rest, segments: segments.slice(0, -1) };
  const above = path.slice(0, path.lastIndexOf("/", path.length - 2) + 1);
  return above === "/" || above === "" ? { ...rest, segments } : { ...rest, segments, path: above };
}

/** The parent of an address as text that was printed; `""` for a space. Reads no further than it must. */
export function parentText(address: string): string {
  const root = address.indexOf(":/");
  if (root === -1) {
    const colon = address.lastIndexOf(":");
    return colon === -1 || address[colon - 1] === ":" ? "" : address.slice(0, colon);
  }
  const slash = address.lastIndexOf("/", address.length - 2);
  return slash <= root + 1 ? address.slice(0, root) : address.slice(0, slash + 1);
}

/** All addresses that lie above one, the nearest first. */
export function ancestorsOf(address: string): readonly string[] {
  const ancestors: string[] = [];
  for (let above = parentText(address); above !== ""; above = parentText(above)) ancestors.push(above);
  return ancestors;
}

/** The last part of an address: its segment, or the name of its file. */
export function lastPart({ path, segments }: Address): string {
  if (path === undefined) return segments.at(-1)?.text ?? "";
  return path.split("/").filter(Boolean).at(-1) ?? "";
}

/**
 * What lies below an address, at any depth: addresses as text with `after < address < before` in the order of bytes. `;` is the byte
 * after `:`, and `0` the one after `/`.
 */
export function rangeBelow(address: string): { readonly after: string; readonly before: string } {
  if (address.endsWith("/")) return { after: address, before: `${address.slice(0, -1)}0` };
  return { after: `${address}:`, before: `${address};` };
}
