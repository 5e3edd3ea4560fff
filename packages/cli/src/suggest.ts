import { editDistance, fold } from "@orrery/core/edit-distance";
import { SUGGESTIONS_MAX } from "./limits.ts";

/** Names that somebody may have meant, the likeliest first: those within a third of their letters, and those that begin alike. */
export function suggest(said: string, names: Iterable<string>): readonly string[] {
  const wanted = fold(said);
  const scored = [...new Set(names)].flatMap((name) => {
    const folded = fold(name);
    const distance = editDistance(wanted, folded);
    const isNear = distance <= Math.max(1, Math.floor(Math.max(wanted.length, folded.length) / 3));
    const beginsAlike = wanted.length >= 2 && folded.startsWith(wanted);
    return isNear || beginsAlike ? [{ name, distance: isNear ? distance : 100 + folded.length }] : [];
  });
  scored.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return scored.slice(0, SUGGESTIONS_MAX).map(({ name }) => name);
}

/** `did you mean "a" or "b"?`, or nothing. */
export function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? "" : `did you mean ${names.map((name) => `"${name}"`).join(" or ")}?`;
}
