import type { State, StateChange } from "./state.ts";

/** How new a state is. */
export interface Position {
  /** Number of a time in which one member alone was the primary: it fences those before it. */
  readonly epoch: number;
  /** Counts the changes. */
  readonly revision: number;
}

/** A state, and how new it is. */
export interface Snapshot {
  readonly position: Position;
  readonly state: State;
}

/** What one message has changed; the state after it has the next revision. */
export interface Update {
  readonly before: Position;
  readonly changes: readonly StateChange[];
}

/** Of a member that was never given a state. */
export const NOWHERE: Position = { epoch: 0, revision: 0 };

/** Whether a state is newer than another. */
export function isNewer(one: Position, other: Position): boolean {
  return one.epoch === other.epoch ? one.revision > other.revision : one.epoch > other.epoch;
}

/** Whether both are the same. */
export function isSame(one: Position, other: Position): boolean {
  return one.epoch === other.epoch && one.revision === other.revision;
}

/** The position after a change. */
export function next({ epoch, revision }: Position): Position {
  return { epoch, revision: revision + 1 };
}

/**
 * The first epoch above another that is a member's own: of `count` members, number `index` has those that leave `index` when they are
 * divided by `count`. So no two members ever begin the same one.
 */
export function epochAbove(
  epoch: number,
  { index, count }: { readonly index: number; readonly count: number },
): number {
  return (Math.floor(epoch / count) + 1) * count + index;
}
