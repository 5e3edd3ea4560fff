import type { Random } from "@orrery/core";
import { CODE_LETTERS } from "./limits.ts";

/** No letter looks like another, or like a digit. */
const LETTERS = "23456789abcdefghjkmnpqrstuvwxyz";

/** Draws a code such as `k7m2-x9pq`, each letter as likely as each other. `random` must be fit for secrets. */
export function drawCode(random: Random): string {
  const most = 256 - (256 % LETTERS.length);
  let text = "";
  while (text.length < CODE_LETTERS)
    for (const byte of random.bytes(CODE_LETTERS))
      if (byte < most && text.length < CODE_LETTERS) text += LETTERS[byte % LETTERS.length];
  return `${text.slice(0, CODE_LETTERS / 2)}-${text.slice(CODE_LETTERS / 2)}`;
}

/** As somebody types it: in any case, with or without what is between. */
export function plainCode(typed: string): string {
  return typed
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .slice(0, 2 * CODE_LETTERS);
}
