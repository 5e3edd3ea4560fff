import type { EventKey } from "../order/event-key.ts";

/** What a member may do before it says where it stands. Every member of a run gets the same. */
export interface Grant {
  /** Runs what stands before this tick. */
  readonly untilTick: number;
  /** Windows that it may take for it. */
  readonly windowsMax: number;
  /** One event, at this member and at `untilTick`; the others only hear what it sent. */
  readonly step?: number;
  /** Stops behind the first event whose line has all of these words. */
  readonly match?: readonly string[];
}

/** Where a member stands after a grant. */
export interface MemberReport {
  readonly member: number;
  /** Windows that it has run in all. */
  readonly round: number;
  /** Tick before which it has run everything. */
  readonly bound: number;
  /** Its next event. */
  readonly next: EventKey | undefined;
  readonly events: number;
  /** Frames that it has sent to each member, and received from each. */
  readonly sent: readonly number[];
  readonly received: readonly number[];
  /** Nodes whose `run` is under way. */
  readonly busy: readonly string[];
  /** Its last event, for people. */
  readonly last: string;
  /** Tick of its last event, and the wall time that this shows, in ms since 1970. */
  readonly lastTick: number;
  /** The event that a grant's words fitted; empty for none. */
  readonly matched: string;
  /** What ended it, if anything did. */
  readonly failure: MemberFailure | undefined;
}

/** Why a member cannot go on. */
export interface MemberFailure {
  readonly code: string;
  readonly text: string;
}

/** Where a member stands in the middle of a grant. */
export interface MemberProgress {
  readonly member: number;
  readonly round: number;
  readonly events: number;
  readonly last: string;
  /** Members whose window it waits for. */
  readonly waitsFor: readonly number[];
}

/** What a member has at its end. */
export interface MemberResult {
  readonly member: number;
  /** Names of its nodes. */
  readonly nodes: readonly string[];
  /** Hashes of all nodes up to the highest that anything happened to, in the order of their numbers; only those of its own count. */
  readonly hashes: readonly (readonly [name: string, hash: string])[];
}
