import { OrreryError } from "@orrery/core";
import { formOf, isName } from "../address/segment.ts";
import type { By, Registry, Written } from "../registry.ts";
import { type TagMove, tagHistory } from "./tag-history.ts";

/** Which version a tag shall name. */
export interface TagRequest {
  /** The address of a series of bundles. */
  readonly series: string;
  /** The name of the tag, with or without its brackets. */
  readonly tag: string;
  readonly version: string;
}

/**
 * Lets a tag name a version, one that is there; makes the tag where there is none. Whoever reads sees the one or the other.
 * @throws OrreryError `not_found` where the series or the version is missing, `invalid_argument` for what is no tag or version
 */
export async function setTag(
  registry: Pick<Registry, "create">,
  { series, tag, version }: TagRequest,
  by: By,
): Promise<Written> {
  const address = tagAddress(series, tag);
  if (formOf(version) !== "version")
    throw new OrreryError(
      "invalid_argument",
      `Cannot let "${address}" name "${version}": that is not a semver, write a version such as 1.0.0`,
    );
  return registry.create({ address, kind: "Tag", properties: { version }, strategy: "update" }, by);
}

/** Which versions a tag named, since when and by whom. @throws OrreryError `not_found`, `permission_denied` */
export async function readTagHistory(
  registry: Pick<Registry, "get">,
  { series, tag }: Omit<TagRequest, "version">,
  by: By,
): Promise<readonly TagMove[]> {
  return tagHistory(await registry.get(tagAddress(series, tag), by));
}

function tagAddress(series: string, tag: string): string {
  const name = tag.replace(/^\[(.*)\]$/, "$1");
  if (isName(name)) return `${series}:[${name}]`;
  throw new OrreryError(
    "invalid_argument",
    `Cannot tag "${series}" as "${tag}": a tag has small letters, digits and "-", such as latest`,
  );
}
