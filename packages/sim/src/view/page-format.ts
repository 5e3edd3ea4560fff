// What a page and its writer share. It imports nothing: the page carries all that it imports.

/** Sorts of rows, by number: what can be shown or left out. */
export const SORTS = ["message", "control", "timer", "fault", "point", "log", "flow"] as const;

/** States of nodes and links, by number. */
export const STATES = ["down", "paused", "slow", "cut", "clogged", "changed"] as const;

/**
 * A run as the page reads it: columns of whole numbers instead of records, texts once each. Ticks of rows are differences to the row before;
 * where a column names another row, message or text it is its place there, or -1 for none.
 */
export interface PageData {
  readonly scenario: string;
  readonly seed: number;
  readonly hash: string;
  readonly epochMs: number;
  readonly endTick: number;
  readonly nodes: readonly { readonly name: string; readonly machine: string; readonly zone: string }[];
  readonly texts: readonly string[];
  /** Names of flows by the text that is their id. */
  readonly flowNames: readonly (readonly [number, number])[];
  readonly rows: {
    /** Since the row before. */
    readonly tick: readonly number[];
    /** Ticks that it was under way. */
    readonly took: readonly number[];
    readonly sort: readonly number[];
    /** Node at which it happened, counted from 0; -1 for the world. */
    readonly node: readonly number[];
    /** Where a message is from; else -1. */
    readonly from: readonly number[];
    /** Where a lost message was to go; else -1. */
    readonly to: readonly number[];
    /** Text: what it is. */
    readonly label: readonly number[];
    /** Number of its message, for people; 0 for none. */
    readonly id: readonly number[];
    /** Text. */
    readonly flow: readonly number[];
    /** Row of what led to it. */
    readonly cause: readonly number[];
    readonly size: readonly number[];
    /** Message that it is of. */
    readonly message: readonly number[];
    /** 1 for an answer. */
    readonly back: readonly number[];
  };
  readonly messages: {
    /** Text: component and method. */
    readonly name: readonly number[];
    /** Text: what its sender learned. */
    readonly outcome: readonly number[];
    /** Ticks from its beginning to that; -1 where it learned nothing. */
    readonly took: readonly number[];
  };
  /** Times in which a node handled something: node, tick, ticks that it took, text of what, text of its flow. */
  readonly handlings: readonly number[];
  /** Times in which a node was not as it should be: state, node, tick, ticks that it took. */
  readonly nodeStates: readonly number[];
  /** Times in which a link was not as it should be: state, from, to, tick, ticks that it took. */
  readonly linkStates: readonly number[];
}
