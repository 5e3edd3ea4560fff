import { type Clock, isOrreryError } from "@orrery/core";
import { failure } from "@orrery/core/internal";
import { BATCH_WRITES_MAX, COMMIT_TRIES_MAX, WRITES_WAITING_MAX } from "../limits.ts";
import type { Change } from "../resource.ts";
import type { Store } from "../store/store.ts";
import { commitPlan, notWritten } from "./commit-plan.ts";
import type { DraftBase } from "./draft.ts";
import { type Ending, planBatch, type Write } from "./plan-batch.ts";

/** What a write led to. */
export interface Written {
  readonly address: string;
  /** The revision of its last change; where it changed nothing, that of the resource. */
  readonly revision: number;
  /** False where everything was as it shall be, or the request had been done before. */
  readonly changed: boolean;
}

/** Options of a writer. */
export interface WriterOptions {
  readonly store: Store;
  readonly base: DraftBase;
  readonly clock: Clock;
  /** Names batches; no two writers of one store have the same. */
  readonly name: string;
  /** The revision that the base shows. */
  readonly revision: () => number;
  /** Takes what was written, in order, before any of its writers hears of it. */
  readonly onWritten: (changes: readonly Change[]) => void;
  /** Brings the base to where the store is. */
  readonly catchUp: () => Promise<void>;
}

/** Makes writes one after the other, many in one transaction: those that come while one is under way are written by the next. */
export interface Writer {
  /**
   * @throws OrreryError what `apply` throws; `resource_exhausted` where too many wait; `unavailable` where the store cannot be reached and
   * nothing was written; `unknown`, not definite, where nobody knows whether it was
   */
  write(write: Write): Promise<Written>;
  /** Ends when all that waits is done; refuses what comes after. */
  close(): Promise<void>;
}

interface Waiting {
  readonly write: Write;
  readonly resolve: (written: Written) => void;
  readonly reject: (error: unknown) => void;
}

/** Makes a writer. */
export function createWriter(options: WriterOptions): Writer {
  const { store, base, clock, name } = options;
  let queue: Waiting[] = [];
  let running: Promise<void> | undefined;
  let isClosed = false;
  let batches = 0;

  const run = async () => {
    while (queue.length > 0) {
      const taken = queue.slice(0, BATCH_WRITES_MAX);
      const endings = await writeSome(taken.map(({ write }) => write));
      queue = queue.slice(endings.length);
      for (const [index, ending] of endings.entries()) settle(taken[index] as Waiting, ending);
    }
    running = undefined;
  };

  /** Writes as many of them as fit in a batch, from the first. */
  const writeSome = async (writes: readonly Write[]): Promise<readonly Ending[]> => {
    const failAll = (error: unknown): readonly Ending[] => writes.map(() => ({ kind: "failed", error }));
    for (let tries = 1; tries <= COMMIT_TRIES_MAX; tries++) {
      try {
        const now = Math.floor(clock.now());
        const id = `${name}-${++batches}`;
        const plan = await planBatch(writes, { id, store, base, revision: options.revision(), now });
        const isWritten = await commitPlan(plan, options);
        if (!isWritten) continue;
        options.onWritten(plan.batch.changes);
        return plan.endings;
      } catch (error) {
        return failAll(isOrreryError(error) ? error : notWritten(error));
      }
    }
    const why = `others wrote first ${COMMIT_TRIES_MAX} times, try again`;
    return failAll(failure("overloaded", `Cannot write to the registry: ${why}`));
  };

  const refusal = () => {
    if (isClosed) return failure("draining", "Cannot write to the registry: it is closing");
    if (queue.length < WRITES_WAITING_MAX) return undefined;
    const why = `${WRITES_WAITING_MAX} writes wait already, try again later`;
    return failure("overloaded", `Cannot write to the registry: ${why}`);
  };

  return {
    write: (write) =>
      new Promise((resolve, reject) => {
        const refused = refusal();
        if (refused !== undefined) return reject(refused);
        queue.push({ write, resolve, reject });
        running ??= run();
      }),
    close: async () => {
      isClosed = true;
      await running;
    },
  };
}

function settle({ resolve, reject }: Waiting, ending: Ending): void {
  if (ending.kind === "failed") reject(ending.error);
  else resolve({ address: ending.address, revision: ending.revision, changed: ending.changed });
}
