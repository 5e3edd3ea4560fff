import { type Clock, OrreryError } from "@orrery/core";
import { RECOVER_EVERY_MS, RECOVER_TRIES_MAX } from "../limits.ts";
import type { Batch, Store } from "../store/store.ts";
import type { DraftBase } from "./draft.ts";
import type { BatchPlan } from "./plan-batch.ts";

/** Options of `commitPlan`. */
export interface CommitOptions {
  readonly store: Store;
  readonly base: DraftBase;
  readonly clock: Clock;
  /** Brings the base to where the store is. */
  readonly catchUp: () => Promise<void>;
}

/**
 * Writes a plan; `false` where it no longer fits, and must be made anew of what is known now.
 * @throws OrreryError `unavailable` where nothing was written, `unknown`, not definite, where nobody can tell
 */
export async function commitPlan(plan: BatchPlan, options: CommitOptions): Promise<boolean> {
  const { base, catchUp } = options;
  try {
    const end = await tryCommit(plan, options);
    if (end === "moved") await catchUp();
    if (end === "taken") await Promise.all(plan.presumed.map((address) => base.load(address)));
    return end === "written";
  } catch (cause) {
    const became = plan.batch.changes.length === 0 ? "not written" : await whatBecameOf(plan.batch, options);
    if (became === "written") return true;
    throw became === "unknown" ? nobodyKnows(cause) : notWritten(cause);
  }
}

/** Where nothing changes, what was refused was refused for how things are only if nobody else wrote. */
async function tryCommit({ batch, presumed }: BatchPlan, { store }: CommitOptions): ReturnType<Store["commit"]> {
  if (batch.changes.length === 0) return (await store.head()).revision === batch.expected ? "written" : "moved";
  const gone = presumed.filter((address) => batch.removed.includes(address)); // What came and went was never put, so nothing told.
  if (gone.length > 0 && (await store.load(gone)).length > 0) return "taken";
  return store.commit(batch);
}

/** Finds out whether a batch was written whose commit gave no answer. */
async function whatBecameOf(
  { id, expected }: Batch,
  { store, clock }: CommitOptions,
): Promise<"written" | "not written" | "unknown"> {
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
}

/** The error of a write of which nothing was written. */
export function notWritten(cause: unknown): OrreryError {
  const why = `its database failed (${told(cause)}), nothing was written, try again`;
  return new OrreryError("unavailable", `Cannot write to the registry: ${why}`, { cause });
}

function nobodyKnows(cause: unknown): OrreryError {
  const why = `its database failed in between (${told(cause)}), look, or ask again under the same request name`;
  const text = `Cannot tell whether the registry was written: ${why}`;
  return new OrreryError("unknown", text, { cause, kind: "unreachable", definite: false });
}

function told(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
