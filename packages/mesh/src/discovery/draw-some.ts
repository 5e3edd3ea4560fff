import type { Random } from "@orrery/core";

/** Draws some of several, each at most once, in the order in which they were drawn. */
export function drawSome<T>(items: readonly T[], count: number, random: Random): readonly T[] {
  const left = [...items];
  const drawn: T[] = [];
  while (drawn.length < count && left.length > 0) {
    const index = random.integer(left.length);
    drawn.push(left[index] as T);
    left[index] = left[left.length - 1] as T;
    left.pop();
  }
  return drawn;
}

/** All, in an order that is drawn. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  return [...drawSome(items, items.length, random)];
}
