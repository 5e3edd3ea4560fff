import type { Clock } from "@orrery/core";
import { WAITING_MAX } from "./limits.ts";

/** Who waits for a place of a component. */
export interface Waiters {
  /** True once something has come of it; false when nothing has within the time, when the signal aborts, or too many wait. */
  wait(
    component: string,
    options: { readonly withinMs: number; readonly signal: AbortSignal | undefined },
  ): Promise<boolean>;
  /** Components that somebody waits for. */
  components(): readonly string[];
  /** Those who wait for it may try again. */
  wake(component: string): void;
  /** Nothing will come any more. */
  close(): void;
}

/** Makes an empty waiting room. `onWait` is told that somebody has come to wait. */
export function createWaiters(clock: Clock, onWait: () => void): Waiters {
  const rooms = new Map<string, Set<(isKnown: boolean) => void>>();
  let count = 0;
  let isClosed = false;
  const empty = (component: string, isKnown: boolean) => {
    for (const end of [...(rooms.get(component) ?? [])]) end(isKnown);
  };
  return {
    wait(component, { withinMs, signal }) {
      if (isClosed || count >= WAITING_MAX || signal?.aborted === true) return Promise.resolve(false);
      const room = rooms.get(component) ?? new Set();
      rooms.set(component, room);
      count++;
      onWait();
      return new Promise((resolve) => {
        const end = (isKnown: boolean) => {
          if (!room.delete(end)) return;
          count--;
          if (room.size === 0) rooms.delete(component);
          timer.cancel();
          signal?.removeEventListener("abort", onAbort);
          resolve(isKnown);
        };
        const onAbort = () => end(false);
        const timer = clock.timer(withinMs, onAbort);
        signal?.addEventListener("abort", onAbort, { once: true });
        room.add(end);
      });
    },
    components: () => [...rooms.keys()],
    wake: (component) => empty(component, true),
    close() {
      isClosed = true;
      for (const component of [...rooms.keys()]) empty(component, false);
    },
  };
}
