import type { Clock, Log } from "@orrery/core";
import type { EventStore, LogName } from "./event-store.ts";
import type { TopicSettings } from "./events.ts";
import { EVENTS_SWEEP_EVERY_MS } from "./limits.ts";
import type { Topics } from "./topics.ts";

/** Has topics forget what they need not keep, now and then until it is disposed of. */
export interface EventSweep extends AsyncDisposable {
  /** All topics, now. */
  run(): Promise<void>;
  /** One topic. */
  trim(log: LogName, settings: TopicSettings): Promise<void>;
}

/** What a sweep needs. */
export interface EventSweepOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  /** Is told what could not be swept. */
  readonly log: Log;
}

/** Begins to sweep. Several that do it for one store do no harm. */
export function createEventSweep({ store, clock, log }: EventSweepOptions, topics: Topics): EventSweep {
  const ended = new AbortController();
  const trim = async (one: LogName, { keepMs, keepBytes }: TopicSettings) => {
    const before = await store.logs.find(one, Math.floor(clock.now()) - keepMs);
    await store.logs.trim(one, { before, bytesMax: keepBytes });
  };
  const run = async () => {
    for (const space of await store.spaces())
      for (const { topic, keepMs, keepBytes } of await topics.list(space))
        await trim({ space, topic }, { keepMs, keepBytes });
  };
  const runOften = async () => {
    for (;;) {
      await clock.sleep(EVENTS_SWEEP_EVERY_MS, ended.signal).catch(() => undefined);
      if (ended.signal.aborted) return;
      await run().catch((error: unknown) =>
        log.warn("topics could not be swept, it is tried again", { error: String(error) }),
      );
    }
  };
  const running = runOften();
  return {
    run,
    trim,
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await running;
    },
  };
}
