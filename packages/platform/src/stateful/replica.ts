import type { Clock } from "@orrery/core";
import { isNewer, isSame, NOWHERE, next, type Position, type Snapshot, type Update } from "./position.ts";
import { changedState, EMPTY_STATE } from "./state.ts";
import type { StateStore, Stored, StoreStep } from "./state-store.ts";

/** What a member of a stateful mechtron is asked by whoever is the primary, or means to be. */
export type ReplicaAsk =
  /** To take nothing any more of an epoch below this one. `have` is the state of who asks. */
  | { readonly kind: "prepare"; readonly epoch: number; readonly have: Position; readonly isJoining: boolean }
  /** To make a change. */
  | { readonly kind: "change"; readonly update: Update }
  /** To take a whole state in the place of its own. */
  | { readonly kind: "install"; readonly snapshot: Snapshot }
  /** Whether it has promised no later epoch. */
  | { readonly kind: "confirm"; readonly epoch: number }
  /** Only what it has promised. */
  | { readonly kind: "look" };

/** What became of it: see `Outcome` in `state.proto`. */
export type ReplicaOutcome = "done" | "refused" | "held" | "behind" | "empty";

/** A member's answer. */
export interface ReplicaAnswer {
  readonly outcome: ReplicaOutcome;
  /** The largest epoch that it has promised. */
  readonly promised: number;
  readonly position: Position;
  /** Its state, where it was asked to promise and has a newer one than `have`. */
  readonly newer?: Snapshot | undefined;
}

/** Keeps a copy of the state of one mechtron, on behalf of its primary. */
export interface Replica {
  readonly promised: number;
  readonly snapshot: Snapshot;
  /** Answers one thing after another. @throws OrreryError when its medium fails; then it is not known what was done. */
  ask(ask: ReplicaAsk): Promise<ReplicaAnswer>;
  /** Gives what it has in the store between two things that it is asked; answers no other before `release`. */
  hold(): Promise<HeldReplica>;
  close(): Promise<void>;
}

/** A replica that answers nothing. */
export interface HeldReplica {
  /** Undefined where there is nothing yet. */
  readonly stored: Stored | undefined;
  release(): void;
}

/** What a replica is made of. */
export interface ReplicaOptions {
  readonly store: StateStore;
  readonly clock: Clock;
  /** How many members there are; an epoch is that of the member whose index it leaves. */
  readonly count: number;
  /** How long it helps nobody to take over after it has heard from a primary, in ms. */
  readonly silenceMs: number;
}

/** Opens a replica on what its store has. @throws OrreryError as the store's `load`. */
export async function openReplica(options: ReplicaOptions): Promise<Replica> {
  return new StoredReplica(options, await options.store.load());
}

/**
 * Owns: what its member has promised, and its copy. I1: what was answered as done is in the store. I2: nothing of an epoch below the promised
 * one is done. I3: positions only grow. I4: a replica whose store was empty promises nothing before it is asked to join: what it may have
 * promised in an earlier life, it has forgotten.
 */
class StoredReplica implements Replica {
  readonly #options: ReplicaOptions;
  #promised: number;
  #snapshot: Snapshot;
  #isEmpty: boolean;
  /** Whose epoch was the last of which something was done, and when. */
  #heard = { index: -1, atMs: Number.NEGATIVE_INFINITY };
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ReplicaOptions, stored: Stored | undefined) {
    this.#options = options;
    this.#isEmpty = stored === undefined;
    this.#promised = stored?.promised ?? 0;
    this.#snapshot = stored?.snapshot ?? { position: NOWHERE, state: EMPTY_STATE };
  }

  get promised(): number {
    return this.#promised;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  ask(ask: ReplicaAsk): Promise<ReplicaAnswer> {
    if (ask.kind === "look") return Promise.resolve(this.#answer("done"));
    const turn = this.#last.then(() => this.#do(ask));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  hold(): Promise<HeldReplica> {
    const released = Promise.withResolvers<void>();
    const held = this.#last.then(() => ({
      stored: this.#isEmpty ? undefined : { promised: this.#promised, snapshot: this.#snapshot },
      release: () => released.resolve(),
    }));
    this.#last = released.promise;
    return held;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#options.store.close();
  }

  async #do(ask: Exclude<ReplicaAsk, { kind: "look" }>): Promise<ReplicaAnswer> {
    switch (ask.kind) {
      case "prepare":
        return await this.#prepare(ask);
      case "change":
        return await this.#change(ask.update);
      case "install":
        return await this.#install(ask.snapshot);
      case "confirm":
        return this.#admit(ask.epoch) ?? this.#answer("done");
    }
  }

  async #prepare(ask: Extract<ReplicaAsk, { kind: "prepare" }>): Promise<ReplicaAnswer> {
    const { epoch, have, isJoining } = ask;
    if (epoch < this.#promised) return this.#answer("refused");
    if (this.#isEmpty && !isJoining) return this.#answer("empty"); // I4
    if (this.#isHeld(epoch)) return this.#answer("held");
    if (epoch > this.#promised) await this.#write({ kind: "promised", promised: epoch }, { promised: epoch });
    const newer = isNewer(this.#snapshot.position, have) ? this.#snapshot : undefined;
    return { ...this.#answer("done"), newer };
  }

  async #change(update: Update): Promise<ReplicaAnswer> {
    const { before, changes } = update;
    const { position, state } = this.#snapshot;
    const refusal = this.#admit(before.epoch);
    if (refusal !== undefined) return refusal;
    if (position.epoch === before.epoch && position.revision > before.revision) return this.#answer("done"); // It came twice.
    if (!isSame(position, before)) return this.#answer("behind");
    const snapshot = { position: next(before), state: changedState(state, changes) };
    await this.#write({ kind: "change", update }, { promised: before.epoch, snapshot });
    return this.#answer("done");
  }

  async #install(snapshot: Snapshot): Promise<ReplicaAnswer> {
    const { epoch } = snapshot.position;
    const refusal = this.#admit(epoch);
    if (refusal !== undefined) return refusal;
    if (!isNewer(snapshot.position, this.#snapshot.position)) return this.#answer("done"); // I3
    await this.#write({ kind: "whole" }, { promised: epoch, snapshot });
    return this.#answer("done");
  }

  /** Why nothing of an epoch is done; undefined where it is, and then its primary was heard. */
  #admit(epoch: number): ReplicaAnswer | undefined {
    if (this.#isEmpty) return this.#answer("empty"); // I4
    if (epoch < this.#promised) return this.#answer("refused"); // I2
    this.#heard = { index: epoch % this.#options.count, atMs: this.#options.clock.monotonic() };
    return undefined;
  }

  /** Whether the primary of another member has been heard just now. */
  #isHeld(epoch: number): boolean {
    const { clock, count, silenceMs } = this.#options;
    const { index, atMs } = this.#heard;
    return index !== epoch % count && clock.monotonic() - atMs < silenceMs;
  }

  async #write(step: StoreStep, { promised, snapshot = this.#snapshot }: Partial<Stored> & { promised: number }) {
    const whole = this.#isEmpty ? { kind: "whole" as const } : step;
    await this.#options.store.write(whole, { promised, snapshot });
    this.#isEmpty = false;
    this.#promised = promised; // I1
    this.#snapshot = snapshot;
  }

  #answer(outcome: ReplicaOutcome): ReplicaAnswer {
    return { outcome, promised: this.#promised, position: this.#snapshot.position };
  }
}
