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
  trace({ node, id }: FlowRef): Uint8Array {
    // Who makes calls in a flow of another node without being asked by a message of it cannot know that node's life.
    const words = node === this.#node ? this.#words : TRACE_WORDS.map((word) => hashText(node, word));
    const high = Math.floor(id / 2 ** 32);
    return bytesOf(words.map((word, index) => mix(word ^ id ^ Math.imul(high, index + 1))));
  }

  /** The next span. */
  span(): Uint8Array {
    const id = ++this.#spans;
    const [one, other] = this.#spanWords;
    return bytesOf([mix(one ^ id), mix(other ^ id)]);
  }
}

/** Words as bytes, big end first; never all zero, which W3C takes for none. */
function bytesOf(words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of words.entries()) view.setUint32(index * 4, word);
  if (words.every((word) => word === 0)) bytes[bytes.length - 1] = 1;
  return bytes;
}
