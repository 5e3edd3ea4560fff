import type { ConfigPlace } from "./config-store.ts";

/** Wakes those who wait for a scope to change. */
export interface ConfigBells {
  /** Done when it is rung next, or at once where the signal has ended. */
  wait(place: ConfigPlace, signal: AbortSignal): Promise<void>;
  ring(place: ConfigPlace): void;
  /** Rings for all scopes of a Space. */
  ringAll(space: number): void;
}

/** Makes them. */
export function createBells(): ConfigBells {
  const waiting = new Map<string, Set<() => void>>();
  const ringKey = (key: string) => {
    const those = waiting.get(key);
    waiting.delete(key);
    for (const wake of those ?? []) wake();
  };
  return {
    wait: (place, signal) => {
      const key = keyOf(place);
      const { promise, resolve } = Promise.withResolvers<void>();
      if (signal.aborted) return Promise.resolve();
      const those = waiting.get(key) ?? new Set();
      waiting.set(key, those.add(resolve));
      const leave = () => {
        those.delete(resolve);
        if (those.size === 0 && waiting.get(key) === those) waiting.delete(key);
        resolve();
      };
      signal.addEventListener("abort", leave, { once: true });
      return promise.finally(() => signal.removeEventListener("abort", leave));
    },
    ring: (place) => ringKey(keyOf(place)),
    ringAll: (space) => {
      for (const key of [...waiting.keys()]) if (key.startsWith(`${space}\n`)) ringKey(key);
    },
  };
}

/** A scope as the key of a map. */
export function keyOf({ space, scope }: ConfigPlace): string {
  return `${space}\n${scope}`;
}
