import type { Clock } from "@orrery/core";

/** Hears whether something happened since it listens. */
export interface BellEar {
  /** Waits until it happens, has happened since the wait before, so much time has passed, or the signal says so. */
  wait(atMostMs: number, signal?: AbortSignal): Promise<void>;
  close(): void;
}

/** Who waits for what. */
export interface EventBells {
  /** Wakes those who listen for any of these; without names, all. */
  ring(...names: readonly string[]): void;
  listen(names: readonly string[]): BellEar;
}

/** Makes bells, whose waits last as long as a clock says. */
export function createEventBells(clock: Clock): EventBells {
  const ears = new Map<string, Set<() => void>>();
  return {
    ring: (...names) => {
      for (const name of names.length > 0 ? names : [...ears.keys()])
        for (const hear of [...(ears.get(name) ?? [])]) hear();
    },
    listen: (names) => {
      let isRung = false;
      let wake = () => {};
      const hear = () => {
        isRung = true;
        wake();
      };
      for (const name of names) ears.set(name, (ears.get(name) ?? new Set()).add(hear));
      return {
        wait: async (atMostMs, signal) => {
          if (!isRung && atMostMs > 0 && signal?.aborted !== true)
            await new Promise<void>((resolve) => {
              const timer = Number.isFinite(atMostMs) ? clock.timer(atMostMs, resolve) : undefined;
              wake = () => {
                timer?.cancel();
                resolve();
              };
              signal?.addEventListener("abort", wake, { once: true });
            }).finally(() => signal?.removeEventListener("abort", wake));
          isRung = false;
        },
        close: () => {
          for (const name of names) {
            const all = ears.get(name);
            all?.delete(hear);
            if (all?.size === 0) ears.delete(name);
          }
        },
      };
    },
  };
}
