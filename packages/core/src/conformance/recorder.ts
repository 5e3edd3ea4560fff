import type { Clock } from "../clock.ts";

/** Longest wait for something to be recorded, in ms; a case that waits longer has failed. */
const WAIT_MS_MAX = 5000;

/** Things in the order in which they happened, to be waited for. */
export interface Recorder<T> {
  readonly items: readonly T[];
  push(item: T): void;
  /** Waits until at least `count` things happened since the start, and gives all of them. */
  atLeast(count: number): Promise<readonly T[]>;
  /** Waits until something happened that passes, and gives the first such. */
  first(passes: (item: T) => boolean): Promise<T>;
}

/** Makes an empty recorder; `what` is what it records, for the text of a wait that was in vain. */
export function createRecorder<T>(clock: Clock, what: string): Recorder<T> {
  const items: T[] = [];
  const waits = new Set<() => void>();
  const until = async (isDone: () => boolean, wanted: string): Promise<void> => {
    if (isDone()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = clock.timer(WAIT_MS_MAX, () =>
        reject(new Error(`Waited ${WAIT_MS_MAX} ms for ${wanted} of ${what}, got ${items.length}`)),
      );
      const wait = () => {
        if (!isDone()) return;
        timer.cancel();
        waits.delete(wait);
        resolve();
      };
      waits.add(wait);
    });
  };
  return {
    items,
    push(item) {
      items.push(item);
      for (const wait of waits) wait();
    },
    async atLeast(count) {
      await until(() => items.length >= count, String(count));
      return items;
    },
    async first(passes) {
      await until(() => items.some(passes), "a certain one");
      return items.find(passes) as T;
    },
  };
}
