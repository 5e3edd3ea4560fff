import { OrreryError } from "@orrery/core";
import { originals } from "../capture/system-originals.ts";
import { EVENTS_PER_PASS, TICKS_PER_MS } from "../limits.ts";
import type { Scheduler } from "../order/scheduler.ts";

/** Node's own step from task to task: runs each `nextTick` and promise job that is due, and those that they lead to. */
type RunJobs = () => void;

const runJobs = (process as unknown as { readonly _tickCallback?: RunJobs })._tickCallback;

/** Does one thing and tells whether there is more to do; or gives what to wait for before it is asked again. */
export type Step = () => boolean | Promise<void>;

/**
 * Calls `step` again and again until it returns false. Between two calls every promise job and `nextTick` has run that the one before
 * led to, however long the chain. Rejects with what `step` throws.
 *
 * Node's own step is undocumented. It is twice as quick as a turn of the event loop for each call, which is what stands in where it is
 * missing.
 */
export function drive(step: Step, pace?: Pace): Promise<void> {
  return new Promise((resolve, reject) => {
    // Without Node's own step, one call for each turn of the event loop, in which all jobs run between two callbacks.
    const pass = runJobs === undefined || pace !== undefined ? step : quickPass(step, runJobs);
    const turn = () => {
      try {
        const waitMs = pace?.waitMs() ?? 0;
        const more = waitMs > 0 ? sleepFor(waitMs) : pass();
        if (more === true) originals.setImmediate(turn);
        else if (more === false) resolve();
        else more.then(() => originals.setImmediate(turn), reject);
      } catch (error) {
        reject(error);
      }
    };
    originals.setImmediate(turn);
  });
}

/** Keeps virtual time from running ahead of the machine's. */
export interface Pace {
  /** How long to wait before the next event, in ms. */
  waitMs(): number;
}

/** Longest wait before the pace is looked at again, in ms: something nearer may have been planned meanwhile. */
const PACE_STEP_MS = 50;

/** Makes a pace from now on, `speed` times as fast as the machine's time. @throws OrreryError `invalid_argument` for no number above 0. */
export function paceOf(speed: number, scheduler: Pick<Scheduler, "tick" | "nextTick">): Pace {
  if (!(speed > 0 && Number.isFinite(speed)))
    throw new OrreryError("invalid_argument", `Cannot run at speed ${speed}: write a number above 0`);
  const startMs = originals.monotonic();
  const startTick = scheduler.tick;
  return {
    waitMs() {
      const { nextTick } = scheduler;
      if (nextTick === undefined) return 0;
      const dueMs = startMs + (nextTick - startTick) / TICKS_PER_MS / speed;
      return dueMs - originals.monotonic();
    },
  };
}

function quickPass(step: Step, run: RunJobs): Step {
  return () => {
    for (let count = 0; count < EVENTS_PER_PASS; count++) {
      const more = step();
      if (more !== true) return more;
      run();
    }
    return true;
  };
}

/** Makes a gate that runs each event when its time has come at a speed. @throws OrreryError `invalid_argument` for no number above 0. */
export function paceGate(speed: number, scheduler: Scheduler): (endTick: number) => boolean | Promise<void> {
  const pace = paceOf(speed, scheduler);
  return (endTick) => {
    const { nextTick = Number.POSITIVE_INFINITY } = scheduler;
    const waitMs = nextTick > endTick ? 0 : pace.waitMs();
    return waitMs > 0 ? sleepFor(waitMs) : scheduler.step(endTick) !== undefined;
  };
}

/** Waits for some of the machine's time, but no longer than until a pace is to be looked at again. */
function sleepFor(waitMs: number): Promise<void> {
  return new Promise((resolve) => originals.setTimeout(resolve, Math.min(waitMs, PACE_STEP_MS)));
}
