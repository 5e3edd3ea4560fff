import { violation } from "./errors.ts";
import { FLAG_COMMAND, FLAG_LONG, FLAG_MORE, HEADER_BYTES_MAX, readUint32 } from "./frame.ts";
import { PARTIAL_BYTES } from "./limits.ts";
import { allocate } from "./slab.ts";

const RESERVED_FLAGS = 0xf8;
const HIGH_WORD = 2 ** 32;

/**
 * Cuts a stream of bytes into ZMTP frames, whatever the chunks are.
 * Push a chunk, then call `next` until it returns undefined; only then push another.
 */
export interface FrameDecoder {
  /** Flags of the frame that `next` returned last: MORE and COMMAND. */
  readonly flags: number;
  /** Whether a frame has begun that is not complete. */
  readonly inFrame: boolean;
  /** Largest body accepted; may be changed between frames. */
  frameBytesMax: number;
  /** Hands over more bytes. They belong to the decoder, and frames are views of them where that is possible. */
  push(chunk: Uint8Array): void;
  /**
   * The body of the next frame, or undefined when more bytes are needed.
   * @throws PeerFault `protocol_violation` for a header that no peer may send; the stream is then of no more use.
   */
  next(): Uint8Array | undefined;
}

/** Makes a decoder that accepts frame bodies of up to `frameBytesMax` bytes. */
export function createFrameDecoder(frameBytesMax: number): FrameDecoder {
  return new ChunkDecoder(frameBytesMax);
}

/**
 * Owns the chunk being cut and at most one frame that arrives in pieces.
 * I1: what is held never exceeds the bytes received by more than a factor of two and PARTIAL_BYTES.
 * I2: a frame that lies in one chunk is never copied.
 */
class ChunkDecoder implements FrameDecoder {
  flags = 0;
  frameBytesMax: number;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;
  readonly #header = new Uint8Array(HEADER_BYTES_MAX);
  #headerFill = 0;
  #partial: Uint8Array | undefined;
  #partialFill = 0;
  #size = 0;

  constructor(frameBytesMax: number) {
    this.frameBytesMax = frameBytesMax;
  }

  get inFrame(): boolean {
    return this.#headerFill > 0 || this.#partial !== undefined;
  }

  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  next(): Uint8Array | undefined {
    if (this.#partial !== undefined) return this.#fillPartial(this.#partial);
    if (!this.#readHeader()) return undefined;
    const end = this.#at + this.#size;
    if (end > this.#chunk.length) return this.#startPartial();
    const body = view(this.#chunk, this.#at, end); // I2
    this.#at = end;
    return body;
  }

  #readHeader(): boolean {
    const chunk = this.#chunk;
    const left = chunk.length - this.#at;
    if (this.#headerFill > 0) return this.#fillHeader();
    if (left === 0) return false;
    const flags = chunk[this.#at] as number;
    assertFlags(flags);
    const headerSize = (flags & FLAG_LONG) === 0 ? 2 : HEADER_BYTES_MAX;
    if (left < headerSize) return this.#fillHeader();
    this.#acceptHeader(chunk, this.#at);
    this.#at += headerSize;
    return true;
  }

  /** The slow path: a header cut by a chunk's end is put together in a buffer of its own. */
  #fillHeader(): boolean {
    while (this.#at < this.#chunk.length) {
      this.#header[this.#headerFill++] = this.#chunk[this.#at++] as number;
      const flags = this.#header[0] as number;
      assertFlags(flags);
      if (this.#headerFill < ((flags & FLAG_LONG) === 0 ? 2 : HEADER_BYTES_MAX)) continue;
      this.#acceptHeader(this.#header, 0);
      this.#headerFill = 0;
      return true;
    }
    return false;
  }

  #acceptHeader(bytes: Uint8Array, at: number): void {
    const flags = bytes[at] as number;
    const long = (flags & FLAG_LONG) !== 0;
    const size = long ? readUint32(bytes, at + 1) * HIGH_WORD + readUint32(bytes, at + 5) : (bytes[at + 1] as number);
    if (size > this.frameBytesMax) {
      throw violation(`it announced a frame of ${size} bytes, at most ${this.frameBytesMax} are accepted here`);
    }
    this.flags = flags & (FLAG_MORE | FLAG_COMMAND);
    this.#size = size;
  }

  #startPartial(): undefined {
    const partial = allocate(Math.min(this.#size, PARTIAL_BYTES)); // I1
    const rest = this.#chunk.length - this.#at;
    this.#partialFill = 0;
    this.#partial = partial;
    if (rest > 0) this.#fillPartial(partial);
  }

  #fillPartial(partial: Uint8Array): Uint8Array | undefined {
    const count = Math.min(this.#size - this.#partialFill, this.#chunk.length - this.#at);
    const fill = this.#partialFill + count;
    let target = partial;
    if (fill > partial.length) {
      target = allocate(Math.min(this.#size, Math.max(fill, partial.length * 2))); // I1
      target.set(view(partial, 0, this.#partialFill));
    }
    target.set(view(this.#chunk, this.#at, this.#at + count), this.#partialFill);
    this.#at += count;
    this.#partialFill = fill;
    this.#partial = fill === this.#size ? undefined : target;
    return fill === this.#size ? target : undefined;
  }
}

function assertFlags(flags: number): void {
  if ((flags & RESERVED_FLAGS) !== 0) throw violation(`it sent a frame with unknown flags 0x${flags.toString(16)}`);
  if ((flags & FLAG_COMMAND) !== 0 && (flags & FLAG_MORE) !== 0) {
    throw violation("it sent a command frame that claims to have more parts");
  }
}

/** A plain Uint8Array over a part of `bytes`, also where those are a Buffer. */
function view(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}
