/** A name without what people change when they type it: case, "-" and "_". */
export function fold(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, "");
}

/** How many insertions, deletions, replacements, and neighbours that changed places, lie between two names. */
export function editDistance(left: string, right: string): number {
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
