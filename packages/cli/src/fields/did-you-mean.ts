import type { Field } from "./shape.ts";

/** Finds the field that somebody meant who wrote `name`: the nearest within a third of its letters; undefined when none is near. */
export function nearestField(name: string, fields: readonly Field[]): Field | undefined {
  let best: Field | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const field of fields) {
    const distance = distanceOf(fold(name), fold(field.key));
    const allowed = Math.max(1, Math.floor(Math.max(name.length, field.key.length) / 3));
    if (distance <= allowed && distance < least) {
      best = field;
      least = distance;
    }
  }
  return best;
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, "");
}

/** Insertions, deletions, replacements, and neighbours that changed places. */
function distanceOf(left: string, right: string): number {
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
