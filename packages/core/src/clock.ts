/** A running timer. */
export interface Timer {
  /** Stops the timer; harmless when it has fired or was stopped. */
  cancel(): void;
}

/** Source of time. Everything that waits or measures is handed one. */
export interface Clock {
  /** Wall time in ms since 1970; may be set back. For people and logs, never for measuring. */
  now(): number;
  /** Time in ms that never goes back, from an arbitrary start. */
  monotonic(): number;
  /** Calls back once after `delayMs`, at the earliest. */
  timer(delayMs: number, fire: () => void): Timer;
  /** Waits for `delayMs`; rejects with the signal's reason when the signal aborts first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** Makes `sleep` from a clock's `timer`, for implementations of `Clock`. */
export function sleepWith(timer: Clock["timer"], delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const running = timer(delayMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    const onAbort = () => {
      running.cancel();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
