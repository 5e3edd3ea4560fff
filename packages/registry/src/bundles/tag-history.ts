import { OrreryError } from "@orrery/core";
import type { Resource } from "../resource.ts";

/** A moment in the life of a tag: a revision of the registry, or a time in ms since 1970. */
export type TagMoment = { readonly revision: number } | { readonly time: number };

/** That a tag came to name a version. */
export interface TagMove {
  readonly version: string;
  readonly revision: number;
  /** In ms since 1970, by the registry's clock. */
  readonly at: number;
  readonly agent: string;
}

/** The moves of a tag that are remembered, the oldest first; the last is the one that counts. */
export function tagHistory({ past }: Pick<Resource, "past">): readonly TagMove[] {
  return (past?.["version"] ?? []).map(({ value, ...move }) => ({ version: String(value), ...move }));
}

/** The version that a tag names, or named then. @throws OrreryError `out_of_range` for a moment before all that is remembered */
export function versionAt(tag: string, resource: Pick<Resource, "properties" | "past">, at?: TagMoment): string {
  if (at === undefined) return String(resource.properties["version"]);
  const moves = tagHistory(resource);
  const move = moves.findLast((one) => ("time" in at ? one.at <= at.time : one.revision <= at.revision));
  if (move !== undefined) return move.version;
  const said = "time" in at ? new Date(at.time).toISOString() : `revision ${at.revision}`;
  const first = moves[0];
  const why =
    first === undefined
      ? "nothing is remembered of it"
      : `its first move that is remembered was at revision ${first.revision}, ${new Date(first.at).toISOString()}`;
  throw new OrreryError("out_of_range", `Cannot tell what "${tag}" named at ${said}: ${why}`);
}
