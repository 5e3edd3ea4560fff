import type { MaybeSite } from "@orrery/core";
import type { Choices } from "./choices.ts";

/** Share of names at which rare things happen in one run, and of passings at which they do; both as in FoundationDB's BUGGIFY. */
const SHARE = 0.25;

/** Whether a rare thing happens at a place that a handler passes. */
export function isRareCase(choices: Choices, { name, node }: MaybeSite): boolean {
  const drawn = (random: { next(): number }) => (random.next() < SHARE ? 1 : 0);
  const isOn = choices.once("rare", name, drawn) === 1;
  return choices.site("rarely", `${node}/${name}`).next(drawn) === 1 && isOn;
}
