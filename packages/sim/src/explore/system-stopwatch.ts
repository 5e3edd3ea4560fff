import { originals } from "../capture/system-originals.ts";

/** Tells how long something has taken, by the machine's clock. */
export interface Stopwatch {
  readonly elapsedMs: number;
}

/** Makes a stopwatch that runs from now on. */
export function createStopwatch(): Stopwatch {
  const startMs = originals.monotonic();
  return {
    get elapsedMs() {
      return originals.monotonic() - startMs;
    },
  };
}
