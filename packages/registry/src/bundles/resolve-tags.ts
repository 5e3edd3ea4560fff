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
export async function resolveTags(
  text: string,
  read: ReadTag,
  { at, isVersionMeant = false }: ResolveTagsOptions = {},
): Promise<string> {
  if (!text.includes("[")) return text;
  const address = parseAddress(text);
  const index = address.segments.findIndex(({ form }) => form === "tag");
  const isLast = index === address.segments.length - 1 && address.path === undefined;
  if (index === -1 || (isLast && !isVersionMeant)) return text;
  const tag = printAddress({ ...spaceOf(address), segments: address.segments.slice(0, index + 1) });
  const found = await read(tag);
  if (found?.kind !== "Tag")
    throw new OrreryError("not_found", `Cannot resolve "${text}": there is no tag "${tag}", set it first`, {
      details: { address: text, tag },
    });
  const version = versionAt(tag, found, at);
  const segments = address.segments.with(index, { form: "version", text: version });
  return printAddress({ ...address, segments });
}

function spaceOf({ authority }: Address): Pick<Address, "authority"> {
  return authority === undefined ? {} : { authority };
}
