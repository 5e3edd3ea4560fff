import { fold, nearNames } from "@orrery/core/edit-distance";
import { SUGGESTIONS_MAX } from "./limits.ts";

/** Names that somebody may have meant, the likeliest first: those within a third of their letters, then those that begin alike. */
export function suggest(said: string, names: Iterable<string>): readonly string[] {
  const wanted = fold(said);
  const all = [...names];
  const beginAlike = all.filter((name) => wanted.length >= 2 && fold(name).startsWith(wanted));
  beginAlike.sort((a, b) => fold(a).length - fold(b).length || (a < b ? -1 : 1));
  return [...new Set([...nearNames(said, all), ...beginAlike])].slice(0, SUGGESTIONS_MAX);
}

/** `did you mean "a" or "b"?`, or nothing. */
export function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? "" : `did you mean ${names.map((name) => `"${name}"`).join(" or ")}?`;
}
