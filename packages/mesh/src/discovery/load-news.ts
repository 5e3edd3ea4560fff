import type { Clock } from "@orrery/core";
import { FANOUT, LOAD_BYTES_AT_ONCE, LOAD_BYTES_PER_SECOND, LOAD_REPEATS, LOADS_WAITING_MAX } from "./limits.ts";
import { spaceOf } from "./news-queue.ts";

/**
 * What a node says of loads, its own and those it heard of: so much a second, whatever the loads do. The newest go first, several ways at
 * once: those that do not fit are old, and the next telling of the same node, or a comparison, makes up for them.
 */
export interface LoadNews {
  /** Pieces that wait to be told. */
  readonly size: number;
  /** Adds what was said of a node's load, in the place of what waits of it. One too large for news is left to comparisons. */
  add(node: string, bytes: Uint8Array): void;
  /** Takes as much as fits into some bytes and may be said now, and counts it as told. */
  take(bytesMax: number): readonly Uint8Array[];
  /** Whether an entry of so many bytes may be said now in an answer to a comparison; then it counts. */
  mayAnswer(bytes: number): boolean;
}

/** Makes one that has nothing to tell, and has told nothing. */
export function createLoadNews(clock: Pick<Clock, "monotonic">): LoadNews {
  return new BudgetedLoads(clock);
}

/** News leave this much to comparisons, which clients live on. */
const KEPT_FOR_ANSWERS = LOAD_BYTES_AT_ONCE / 2;
/** A larger one would never fit. */
const PIECE_BYTES_MAX = (LOAD_BYTES_AT_ONCE - KEPT_FOR_ANSWERS) / FANOUT - spaceOf([new Uint8Array(0)]);

/**
 * I1: it gives `LOAD_BYTES_PER_SECOND`, `LOAD_BYTES_AT_ONCE` after a silence; the last answer may pass it once. I2: pieces are in the order
 * in which they came, one for each node, at most `LOADS_WAITING_MAX`.
 */
class BudgetedLoads implements LoadNews {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #pieces = new Map<string, { readonly bytes: Uint8Array; told: number }>();
  #left = LOAD_BYTES_AT_ONCE;
  #filledMs: number;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
    this.#filledMs = clock.monotonic();
  }

  get size(): number {
    return this.#pieces.size;
  }

  add(node: string, bytes: Uint8Array): void {
    this.#pieces.delete(node);
    if (bytes.length > PIECE_BYTES_MAX) return;
    const [oldest = node] = this.#pieces.keys();
    if (this.size >= LOADS_WAITING_MAX) this.#pieces.delete(oldest);
    this.#pieces.set(node, { bytes, told: 0 }); // I2
  }

  take(bytesMax: number): readonly Uint8Array[] {
    if (this.size === 0) return NOTHING;
    this.#fill();
    const taken: Uint8Array[] = [];
    // A share of what is left, so that the next neighbours hear of the newest, too.
    let room = Math.min(bytesMax, (this.#left - KEPT_FOR_ANSWERS) / FANOUT);
    for (const [node, piece] of [...this.#pieces].reverse()) {
      const space = spaceOf([piece.bytes]);
      if (space > room) break;
      room -= space;
      this.#left -= space; // I1
      taken.push(piece.bytes);
      if (++piece.told >= LOAD_REPEATS) this.#pieces.delete(node);
    }
    return taken;
  }

  mayAnswer(bytes: number): boolean {
    this.#fill();
    if (this.#left <= 0) return false;
    this.#left -= bytes; // I1
    return true;
  }

  #fill(): void {
    const nowMs = this.#clock.monotonic();
    const gained = ((nowMs - this.#filledMs) * LOAD_BYTES_PER_SECOND) / 1000;
    this.#left = Math.min(LOAD_BYTES_AT_ONCE, this.#left + gained);
    this.#filledMs = nowMs;
  }
}

const NOTHING: readonly never[] = Object.freeze([]);
