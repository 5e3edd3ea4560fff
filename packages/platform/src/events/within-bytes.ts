import type { Entry } from "./event-store.ts";
import { EVENTS_BYTES_AT_ONCE_MAX } from "./limits.ts";

/** As many of the first as fit in one answer; at least one. */
export function withinBytes(entries: readonly Entry[]): readonly Entry[] {
  let bytes = 0;
  const over = entries.findIndex(({ body }, index) => {
    bytes += body.length;
    return index > 0 && bytes > EVENTS_BYTES_AT_ONCE_MAX;
  });
  return over === -1 ? entries : entries.slice(0, over);
}
