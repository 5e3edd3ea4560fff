import { fnv1a, isControl } from "@orrery/core/internal";
import type { Frame } from "../network/frame.ts";

/** A hash over all that it was given so far. Not for secrets: it tells runs apart, not forgers. */
export interface HashChain {
  /** 16 hex digits. */
  readonly hash: string;
  number(value: number): HashChain;
  text(value: string): HashChain;
  bytes(value: Uint8Array): HashChain;
  /** All of a frame that is the same from run to run. */
  frame(frame: Frame): HashChain;
}

/** Makes a chain that was given nothing. */
export function createHashChain(): HashChain {
  return new MixedChain();
}

const FRAME_KINDS: Readonly<Record<Frame["kind"], number>> = {
  dial: 1,
  accepted: 2,
  refused: 3,
  message: 4,
  hangup: 5,
  heard: 6,
};

/** Two halves of 32 bits that are mixed with each word, after FNV and MurmurHash3. */
class MixedChain implements HashChain {
  #high = 0x811c9dc5;
  #low = 0x9e3779b9;

  get hash(): string {
    return hex(this.#high) + hex(this.#low);
  }

  number(value: number): this {
    this.#mix(value | 0);
    if (value > 0x7fff_ffff || value < 0) this.#mix(Math.floor(value / 2 ** 32));
    return this;
  }

  text(value: string): this {
    this.#mix(textHash(value));
    return this;
  }

  bytes(value: Uint8Array): this {
    let hash = 0x811c9dc5 ^ value.length;
    for (let index = 0; index < value.length; index++) hash = Math.imul(hash ^ (value[index] as number), 0x01000193);
    this.#mix(hash);
    return this;
  }

  frame(frame: Frame): this {
    this.#mix(FRAME_KINDS[frame.kind]);
    if (frame.kind !== "message") return this.text(frame.connection);
    const { message } = frame;
    if (isControl(message)) return this.bytes(message.bytes);
    const { kind, id, head, failure, flow, bytes } = message;
    this.#mix(kind);
    this.number(id);
    if (head !== undefined) this.text(head.component).text(head.method);
    if (failure !== undefined) this.text(failure.kind).text(failure.reason).text(failure.code);
    if (flow !== undefined) this.text(flow.node).number(flow.id);
    return bytes === undefined || bytes.length === 0 ? this : this.bytes(bytes); // A wire does not tell the two apart.
  }

  #mix(word: number): void {
    this.#high = Math.imul(this.#high ^ word, 0x01000193);
    const low = Math.imul(this.#low ^ word, 0x85ebca6b);
    this.#low = low ^ (low >>> 15) ^ this.#high;
  }
}

const HASHES_MAX = 65_536;
const textHashes = new Map<string, number>();

/** The same few names come again and again, so their hashes are kept. */
function textHash(text: string): number {
  const known = textHashes.get(text);
  if (known !== undefined) return known;
  const hash = fnv1a(text);
  if (textHashes.size >= HASHES_MAX) textHashes.clear();
  textHashes.set(text, hash);
  return hash;
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
