import { asker } from "./asker.ts";
import { counter } from "./counter.ts";

export { counter } from "./counter.ts";

/** Both in one list. */
export const all = [counter, asker];
