import { type Clock, isOrreryError, OrreryError } from "@orrery/core";
import type { EventStore, RecordName, Version } from "./event-store.ts";
import { parseGroup, printGroup } from "./group-record.ts";
import type { GroupState } from "./group-state.ts";
import { EVENTS_LOOK_EVERY_MS, GROUP_TRIES_MAX } from "./limits.ts";

/** How a group stands, as a step finds it and leaves it. */
export interface GroupDraft {
  /** As it is in the store. */
  readonly stored: GroupState | undefined;
  /** As it will be; nothing where there is no such group. */
  state: GroupState | undefined;
}

/** What is done with a group. It may be run more than once: only what the last run did to the draft counts. */
export type GroupStep<T> = (draft: GroupDraft) => T | Promise<T>;

/** Changes how one group stands. */
export interface GroupKeeper {
  /** Runs a step, behind those that came before, and gives what it gave once that is safe. @throws what the step throws */
  run<T>(step: GroupStep<T>): Promise<T>;
  readonly isIdle: boolean;
}

/** What a keeper needs. */
export interface GroupKeeperOptions {
  readonly store: EventStore;
  readonly clock: Clock;
  /** Told how the group stands after each turn. */
  readonly onTurn: (state: GroupState | undefined) => void;
}

interface Waiting {
  readonly step: GroupStep<unknown>;
  readonly done: (value: unknown) => void;
  readonly failed: (error: unknown) => void;
}

type Outcome =
  | { readonly kind: "done"; readonly value: unknown }
  | { readonly kind: "failed"; readonly error: unknown };

/** Makes the keeper of a group. */
export function createGroupKeeper(name: RecordName, options: GroupKeeperOptions): GroupKeeper {
  return new ComparingKeeper(name, options);
}

/**
 * Owns what is believed of a group's record. I1: steps that came while others were written are run together, in their order, and written as one. I2: nobody is told
 * of a step before the record is written, from the version that the steps saw; where somebody else wrote it meanwhile, all of them run again. I3: after a
 * write that gave no answer nothing is believed.
 */
class ComparingKeeper implements GroupKeeper {
  readonly #name: RecordName;
  readonly #options: GroupKeeperOptions;
  readonly #waiting: Waiting[] = [];
  #known: Version | undefined;
  #isRunning = false;

  constructor(name: RecordName, options: GroupKeeperOptions) {
    this.#name = name;
    this.#options = options;
  }

  get isIdle(): boolean {
    return !this.#isRunning && this.#waiting.length === 0;
  }

  run<T>(step: GroupStep<T>): Promise<T> {
    return new Promise<T>((done, failed) => {
      this.#waiting.push({ step, done: done as (value: unknown) => void, failed });
      if (!this.#isRunning) void this.#runAll();
    });
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0); // I1
      try {
        const outcomes = await this.#turn(batch);
        for (const [index, { done, failed }] of batch.entries()) {
          const outcome = outcomes[index];
          if (outcome?.kind === "done") done(outcome.value);
          else failed(outcome?.error);
        }
      } catch (error) {
        this.#known = undefined; // I3
        for (const { failed } of batch) failed(error);
      }
    }
    this.#isRunning = false;
  }

  async #turn(batch: readonly Waiting[]): Promise<readonly Outcome[]> {
    const { store, clock, onTurn } = this.#options;
    for (let tries = 0; tries < GROUP_TRIES_MAX; tries++) {
      const isBelieved = this.#known !== undefined;
      this.#known ??= await store.records.get(this.#name);
      const stored = this.#known === undefined ? undefined : parseGroup(this.#known.value);
      const draft: GroupDraft = { stored, state: stored };
      const outcomes: Outcome[] = [];
      for (const { step } of batch) outcomes.push(await outcomeOf(step, draft));
      if (draft.state === stored) {
        const isSure = !isBelieved || !store.isShared;
        if (!isSure) this.#known = undefined; // Somebody else may have written what these steps look for.
        if (!isSure) continue;
        onTurn(stored);
        return outcomes;
      }
      if (await this.#write(draft.state)) {
        onTurn(draft.state);
        return outcomes;
      }
      if (tries > 2) await clock.sleep(Math.min(tries, EVENTS_LOOK_EVERY_MS / 10));
    }
    throw new OrreryError("aborted", `Cannot move group "${this.#name.group}": others move it, too, try again`);
  }

  /** Writes the record where it is still what the steps saw. */
  async #write(state: GroupState | undefined): Promise<boolean> {
    const { records } = this.#options.store;
    const expected = this.#known?.version ?? 0;
    this.#known = undefined; // I3
    if (state === undefined) {
      await records.remove(this.#name);
      return true;
    }
    const value = printGroup(state);
    const version = await records.put(this.#name, { value, expected }); // I2
    if (version === undefined) return false;
    this.#known = { value, version };
    return true;
  }
}

/** Runs a step; one that fails leaves the draft as it was. */
async function outcomeOf(step: GroupStep<unknown>, draft: GroupDraft): Promise<Outcome> {
  const before = draft.state;
  try {
    return { kind: "done", value: await step(draft) };
  } catch (error) {
    if (!isOrreryError(error)) throw error;
    draft.state = before;
    return { kind: "failed", error };
  }
}
