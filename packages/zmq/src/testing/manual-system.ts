import { createHash } from "node:crypto";
import type { ZmqSystem } from "../system.ts";

/** A system whose time passes only when a test says so, and whose randomness comes from a seed. */
export interface ManualSystem extends ZmqSystem {
  /** Timers that wait. */
  readonly timers: number;
  /** Lets time pass, running each timer at its moment. */
  advance(ms: number): void;
}

/** Makes a manual system; turns end as in the real one, after promise jobs. */
export function createManualSystem(seed = "orrery"): ManualSystem {
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  let now = 0;
  let drawn = 0;
  return {
    get timers() {
      return timers.size;
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers.delete(next);
        now = next.at;
        next.run();
      }
      now = end;
    },
    setTimer(delayMs, run) {
      const timer = { at: now + delayMs, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    endOfTurn: (run) => queueMicrotask(() => process.nextTick(run)),
    endOfPass: (run) => void setImmediate(run),
    random: () => 0,
    randomBytes: (size) => createHash("shake256", { outputLength: size }).update(`${seed} ${drawn++}`).digest(),
  };
}
