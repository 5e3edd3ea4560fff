import { type Clock, OrreryError } from "@orrery/core";
import { failure } from "@orrery/core/internal";
import {
  BATCH_WRITES_MAX,
  COMMIT_TRIES_MAX,
  RECOVER_EVERY_MS,
  RECOVER_TRIES_MAX,
  WRITES_WAITING_MAX,
} from "../limits.ts";
import type { Change } from "../resource.ts";
import type { Batch, Store } from "../store/store.ts";
import type { DraftBase } from "./draft.ts";
import { type BatchPlan, type Ending, planBatch, type Write } from "./plan-batch.ts";

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

type CommitEnd = "written" | "not written" | "unknown";

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
    for (let tries = 1; tries <= COMMIT_TRIES_MAX; tries++) {
      let plan: BatchPlan | undefined;
      let end: CommitEnd = "not written";
      try {
        plan = await planBatch(writes, {
          id: `${name}-${++batches}`,
          store,
          base,
          revision: options.revision(),
          now: Math.floor(clock.now()),
        });
        const committed = await commit(plan);
        if (committed === "moved") await options.catchUp();
        if (committed === "taken") await Promise.all(plan.presumed.map((address) => base.load(address)));
        end = committed === "written" ? "written" : "not written";
      } catch (cause) {
        if (plan !== undefined && plan.batch.changes.length > 0) end = await whatBecameOf(plan.batch);
        if (end !== "written") return writes.map(() => ({ kind: "failed", error: brokenError(end, cause) }));
      }
      if (end === "written" && plan !== undefined) {
        options.onWritten(plan.batch.changes);
        return plan.endings;
      }
    }
    const error = failure(
      "overloaded",
      `Cannot write to the registry: others wrote first ${COMMIT_TRIES_MAX} times, try again`,
    );
    return writes.map(() => ({ kind: "failed", error }));
  };

  /** Where nothing changes, what was refused was refused for how things are only if nobody else wrote. */
  const commit = async ({ batch, presumed }: BatchPlan) => {
    if (batch.changes.length === 0) return (await store.head()).revision === batch.expected ? "written" : "moved";
    const gone = presumed.filter((address) => batch.removed.includes(address)); // What came and went was never put, so nothing told.
    if (gone.length > 0 && (await store.load(gone)).length > 0) return "taken";
    return store.commit(batch);
  };

  /** Finds out whether a batch was written whose commit gave no answer. */
  const whatBecameOf = async ({ id, expected }: Batch): Promise<CommitEnd> => {
    for (let tries = 0; tries < RECOVER_TRIES_MAX; tries++) {
      try {
        const [first] = await store.changes(expected, 1);
        if (first === undefined) return (await store.head()).revision === expected ? "not written" : "unknown";
        return first.batch === id ? "written" : "not written";
      } catch {
        await clock.sleep(RECOVER_EVERY_MS);
      }
    }
    return "unknown";
  };

  return {
    write: (write) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(failure("draining", "Cannot write to the registry: it is closing"));
        if (queue.length >= WRITES_WAITING_MAX)
          return reject(
            failure(
              "overloaded",
              `Cannot write to the registry: ${WRITES_WAITING_MAX} writes wait already, try again later`,
            ),
          );
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

function brokenError(end: CommitEnd, cause: unknown): OrreryError {
  const told = cause instanceof Error ? cause.message : String(cause);
  if (end !== "unknown")
    return new OrreryError(
      "unavailable",
      `Cannot write to the registry: its database failed (${told}), nothing was written, try again`,
      { cause },
    );
  const message = `Cannot tell whether the registry was written: its database failed in between (${told}), look, or ask again under the same request name`;
  return new OrreryError("unknown", message, { cause, kind: "unreachable", definite: false });
}
