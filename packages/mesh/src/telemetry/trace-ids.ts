import type { FlowRef } from "@orrery/core";
import { hashText, mix } from "@orrery/core/internal";

/** How many words make a trace id. */
const TRACE_WORDS = [1, 2, 3, 4] as const;

/**
 * Names traces and spans of one node, and decides which flows are traced. All of it is worked out from names and numbers, so that a modelled
 * network does the same in every run, and all calls of a flow that one node makes are one trace, or none.
 */
export class TraceIds {
  readonly #node: string;
  readonly #life: string;
  readonly #chance: number;
  readonly #words: readonly number[];
  readonly #spanWords: readonly [number, number];
  #spans = 0;

  constructor(node: string, incarnation: number) {
    this.#node = node;
    this.#life = `${node} ${incarnation}`;
    this.#chance = hashText(this.#life);
    this.#words = TRACE_WORDS.map((word) => hashText(this.#life, word));
    this.#spanWords = [hashText(this.#life, 5), hashText(this.#life, 6)];
  }

  /** Whether the flow that a number names is traced, where `below` of 2³² are. */
  isSampled(id: number, below: number): boolean {
    return mix(this.#chance ^ id ^ Math.floor(id / 2 ** 32)) < below;
  }

  /** The trace of a flow. */
  trace({ node, id }: Pick<FlowRef, "node" | "id">): Uint8Array {
    // Who makes calls in a flow of another node without being asked by a message of it cannot know that node's life.
    const words = node === this.#node ? this.#words : TRACE_WORDS.map((word) => hashText(node, word));
    const high = Math.floor(id / 2 ** 32);
    const bytes = new Uint8Array(16);
    for (let index = 0; index < 4; index++)
      writeWord(bytes, index * 4, mix((words[index] as number) ^ id ^ Math.imul(high, index + 1)));
    return notZero(bytes);
  }

  /** The next span. */
  span(): Uint8Array {
    const id = ++this.#spans;
    const bytes = new Uint8Array(8);
    writeWord(bytes, 0, mix(this.#spanWords[0] ^ id));
    writeWord(bytes, 4, mix(this.#spanWords[1] ^ id));
    return notZero(bytes);
  }
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

/** An id that is all zero stands for none at W3C. */
function notZero(bytes: Uint8Array): Uint8Array {
  for (let index = 0; index < bytes.length; index++) if (bytes[index] !== 0) return bytes;
  bytes[bytes.length - 1] = 1;
  return bytes;
}
