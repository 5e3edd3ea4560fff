/** A name without what people change when they type it: case, "-" and "_". */
export function fold(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, "");
}

/** How many insertions, deletions, replacements, and neighbours that changed places, lie between two names. */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const next = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      const change = (last[column - 1] ?? 0) + (same ? 0 : 1);
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      const swap = swapped && row > 1 && column > 1 ? (beforeLast[column - 2] ?? 0) + 1 : change;
      next.push(Math.min((next[column - 1] ?? 0) + 1, (last[column] ?? 0) + 1, change, swap));
    }
    beforeLast = last;
    last = next;
  }
  return last[right.length] ?? 0;
}

/** The names that somebody may have meant, the likeliest first: those that differ in up to a third of their letters. */
export function nearNames(said: string, names: Iterable<string>): readonly string[] {
  const wanted = fold(said);
  const near = [...new Set(names)].flatMap((name) => {
    const folded = fold(name);
    const distance = editDistance(wanted, folded);
    return distance <= Math.max(1, Math.floor(Math.max(wanted.length, folded.length) / 3)) ? [{ name, distance }] : [];
  });
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return near.map(({ name }) => name);
}
