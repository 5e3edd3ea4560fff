import { OrreryError } from "@orrery/core";
import { type Address, printAddress } from "../address/address.ts";
import { parseAddress } from "../address/parse-address.ts";
import type { Resource } from "../resource.ts";
import { type TagMoment, versionAt } from "./tag-history.ts";

/** What of a tag is read; `undefined` where there is none. */
export type ReadTag = (address: string) => Promise<Pick<Resource, "kind" | "properties" | "past"> | undefined>;

/** Options of `resolveTags`. */
export interface ResolveTagsOptions {
  /** Which version the tag named then. Default: the one that it names now. */
  readonly at?: TagMoment;
  /** Whether an address that ends in a tag means the version, and not the tag itself. Default: false. */
  readonly isVersionMeant?: boolean;
}

/**
 * Puts versions in the place of tags: `demo.test:site:[latest]:/x` becomes `demo.test:site:1.1.0:/x`. Reads nothing where there is no tag.
 * @throws OrreryError `not_found` where there is no such tag
 */
export async function resolveTags(text: string, read: ReadTag, options: ResolveTagsOptions = {}): Promise<string> {
  if (!text.includes("[")) return text;
  const address = parseAddress(text);
  const resolved = await resolveTagsIn(address, read, options);
  if (resolved !== undefined) return resolved === address ? text : printAddress(resolved);
  const tag = printAddress(upToTag(address));
  throw new OrreryError("not_found", `Cannot resolve "${text}": there is no tag "${tag}", set it first`, {
    details: { address: text, tag },
  });
}

/** The same of an address that has been parsed; gives nothing where there is no such tag. */
export async function resolveTagsIn(
  address: Address,
  read: ReadTag,
  { at, isVersionMeant = false }: ResolveTagsOptions = {},
): Promise<Address | undefined> {
  const index = address.segments.findIndex(({ form }) => form === "tag");
  const isLast = index === address.segments.length - 1 && address.path === undefined;
  if (index === -1 || (isLast && !isVersionMeant)) return address;
  const tag = printAddress(upToTag(address));
  const found = await read(tag);
  if (found?.kind !== "Tag") return undefined;
  return { ...address, segments: address.segments.with(index, { form: "version", text: versionAt(tag, found, at) }) };
}

function upToTag({ authority, segments }: Address): Address {
  const upTo = segments.slice(0, segments.findIndex(({ form }) => form === "tag") + 1);
  return authority === undefined ? { segments: upTo } : { authority, segments: upTo };
}
