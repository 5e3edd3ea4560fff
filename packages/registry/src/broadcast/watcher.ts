import { createFifo } from "@orrery/core/internal";
import { BROADCAST_WAITING_MAX } from "../limits.ts";
import type { BroadcastItem, BroadcastMessage } from "./broadcasts.ts";

/** One who watches a broadcast. */
export interface Watcher {
  readonly agent: string;
  /** Gives it a message; false where as much waits for it as may, so that this one passes it by. */
  give(message: BroadcastMessage): boolean;
  /** Nothing more comes. What waits is still given, and then the failure, if there is one. */
  end(failure?: Error): void;
  /** What it gets. May be read once. */
  items(): AsyncGenerator<BroadcastItem>;
}

/** Makes a watcher; `onLeave` is told when nobody reads any more. */
export function createWatcher(agent: string, onLeave: () => void): Watcher {
  const waiting = createFifo<BroadcastItem>();
  let [missed, isEnded] = [0, false];
  let failure: Error | undefined;
  let wake = () => {};
  const take = (): BroadcastItem | undefined => {
    const item = waiting.shift();
    if (item !== undefined || missed === 0) return item;
    const told = { missed };
    missed = 0;
    return told;
  };
  return {
    agent,
    give: (message) => {
      if (isEnded || waiting.size >= BROADCAST_WAITING_MAX) {
        missed++;
        return false;
      }
      waiting.push({ missed, message });
      missed = 0;
      wake();
      return true;
    },
    end: (why) => {
      if (isEnded) return;
      [isEnded, failure] = [true, why];
      wake();
    },
    items: async function* () {
      try {
        for (;;) {
          const item = take();
          if (item !== undefined) yield item;
          else if (failure !== undefined) throw failure;
          else if (isEnded) return;
          else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      } finally {
        onLeave();
      }
    },
  };
}
