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

/** `, did you mean "a" or "b"?`, or nothing. */
export function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? "" : `did you mean ${names.map((name) => `"${name}"`).join(" or ")}?`;
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, "");
}

/** Damerau's distance of neighbours: insertions, deletions, replacements, and two letters that changed places. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((row[j - 1] ?? 0) + 1, (last[j] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
