import { type ClientNode, type Clock, isOrreryError, OrreryError } from "@orrery/core";
import { TRANSFER_PATIENCE_MS, TRANSFER_RETRY_MS } from "../limits.ts";

/** How far a file has come. */
export interface TransferProgress {
  /** Bytes that are over. */
  readonly done: number;
  readonly bytes: number;
}

/** What up- and downloads have in common. */
export interface TransferOptions {
  /** A node of the network, or a context; whose agent it has is who asks. */
  readonly client: Pick<ClientNode, "client">;
  /** Waits before another try. */
  readonly clock: Clock;
  /** Address of the file. */
  readonly address: string;
  /** Told after each piece. Default: nobody. */
  readonly onProgress?: (progress: TransferProgress) => void;
  /** How long it tries again before it gives up, in ms, where it gets no further. Default: 5 minutes. */
  readonly patienceMs?: number;
  /** Gives up when it aborts. */
  readonly signal?: AbortSignal;
}

/** Does something again until it is done, or refused, or nothing has worked for too long. */
export type Persist = <T>(run: () => Promise<T>) => Promise<T>;

/** Makes it: patience begins anew whenever something works. */
export function createPersist({ clock, signal, patienceMs = TRANSFER_PATIENCE_MS }: TransferOptions): Persist {
  let hasWorked = false;
  return async (run) => {
    const end = clock.monotonic() + patienceMs;
    for (;;) {
      signal?.throwIfAborted();
      try {
        const result = await run();
        hasWorked = true;
        return result;
      } catch (error) {
        if (!isPassing(error, hasWorked) || clock.monotonic() >= end) throw error;
        await clock.sleep(TRANSFER_RETRY_MS, signal);
      }
    }
  };
}

/**
 * Whether another try may end otherwise: nobody was there, or answered in time, or had a place left. That nobody serves files counts only
 * where somebody did before.
 */
function isPassing(error: unknown, hasWorked: boolean): boolean {
  if (!isOrreryError(error)) return false;
  const { kind, code, reason } = error;
  if (reason === "no_such_component") return hasWorked;
  return kind === "unreachable" || kind === "timeout" || code === "unavailable" || reason === "overloaded";
}

/** Makes the error of a file that is not as large as it was. */
export function changedMeanwhile(path: string, doing: string): OrreryError {
  return new OrreryError("aborted", `Cannot ${doing} "${path}": it was changed meanwhile, try again`);
}
