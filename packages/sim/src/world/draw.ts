import { OrreryError } from "@orrery/core";
import type { Choices } from "../chance/choices.ts";
import type { Draw } from "./world.ts";

/** Makes the draws of one purpose. */
export function createDraw(choices: Choices, purpose: string): Draw {
  const site = choices.site("draw", purpose);
  const integer = (bound: number) => {
    if (!Number.isSafeInteger(bound) || bound < 1)
      throw new OrreryError("invalid_argument", `Cannot draw below ${bound}: give a whole number from 1`);
    return Math.min(
      bound - 1,
      site.next((random) => random.integer(bound)),
    );
  };
  return {
    integer,
    oneOf(items) {
      if (items.length === 0) throw new OrreryError("invalid_argument", "Cannot draw one of none: give a list of some");
      return items[integer(items.length)] as (typeof items)[number];
    },
    chance: (share) => site.next((random) => (random.next() < share ? 1 : 0)) === 1,
  };
}
