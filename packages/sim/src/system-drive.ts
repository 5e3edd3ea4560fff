import { EVENTS_PER_PASS } from "./limits.ts";

/** Node's own step from task to task: runs each `nextTick` and promise job that is due, and those that they lead to. */
type RunJobs = () => void;

const runJobs = (process as unknown as { readonly _tickCallback?: RunJobs })._tickCallback;

/**
 * Calls `step` again and again until it returns false. Between two calls every promise job and `nextTick` has run that the one before
 * led to, however long the chain. Rejects with what `step` throws.
 *
 * Node's own step is undocumented. It is twice as quick as a turn of the event loop for each call, which is what stands in where it is
 * missing.
 */
export function drive(step: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    // Without Node's own step, one call for each turn of the event loop, in which all jobs run between two callbacks.
    const pass = runJobs === undefined ? step : quickPass(step, runJobs);
    const turn = () => {
      try {
        if (pass()) setImmediate(turn);
        else resolve();
      } catch (error) {
        reject(error);
      }
    };
    setImmediate(turn);
  });
}

function quickPass(step: () => boolean, run: RunJobs): () => boolean {
  return () => {
    for (let count = 0; count < EVENTS_PER_PASS; count++) {
      if (!step()) return false;
      run();
    }
    return true;
  };
}
