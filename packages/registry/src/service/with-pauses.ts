import type { Clock } from "@orrery/core";
import { WATCH_QUIET_MS } from "../limits.ts";

/** What a source gives, and `undefined` each time that it has given nothing for a while. */
export async function* withPauses<T>(source: AsyncIterable<T>, clock: Clock): AsyncGenerator<T | undefined> {
  const items = source[Symbol.asyncIterator]();
  let waiting = items.next();
  try {
    for (;;) {
      const ended = new AbortController();
      const isQuiet = clock.sleep(WATCH_QUIET_MS, ended.signal).then(
        () => undefined,
        () => undefined,
      );
      const item = await Promise.race([waiting, isQuiet]).finally(() => ended.abort());
      if (item?.done) return;
      yield item?.value;
      if (item !== undefined) waiting = items.next();
    }
  } finally {
    waiting.catch(() => {}); // It fails when whoever watches is gone.
    await items.return?.();
  }
}
