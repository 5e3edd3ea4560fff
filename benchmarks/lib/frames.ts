// The frames of the control: u32 length, u32 id, payload. As good as plain sockets get in Node: everything written in one turn of the
// event loop leaves in one write, small payloads are copied into slabs that are used again, large ones are neither copied nor joined.
import type { Socket } from "node:net";

const HEADER_BYTES = 8;
const SLAB_BYTES = 64 * 1024;
const SLABS_KEPT_MAX = 8;
/** Larger payloads go to the socket as they are. */
const COPY_BYTES_MAX = 8 * 1024;
/** What waits for the end of the turn goes at once when it is more than this. */
const FLUSH_BYTES = 256 * 1024;
/** Unfinished frames larger than this are read into a buffer of their own; smaller ones wait for the next chunk. */
const JOIN_BYTES_MAX = 16 * 1024;

/** Writes frames to a socket, coalesced by turn. */
export class FrameWriter {
  readonly #socket: Socket;
  readonly #spare: Buffer<ArrayBuffer>[] = [];
  #full: Buffer<ArrayBuffer>[] = [];
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #start = 0;
  #at = 0;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #scheduled = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  write(id: number, payload: Uint8Array): void {
    const { length } = payload;
    const isCopied = length <= COPY_BYTES_MAX;
    const room = isCopied ? HEADER_BYTES + length : HEADER_BYTES;
    if (this.#at + room > SLAB_BYTES) this.#nextSlab();
    writeWord(this.#slab, this.#at, length);
    writeWord(this.#slab, this.#at + 4, id);
    if (isCopied) this.#slab.set(payload, this.#at + HEADER_BYTES);
    this.#at += room;
    if (!isCopied) {
      this.#cut();
      this.#chunks.push(payload);
      this.#bytes += length;
    }
    if (this.#bytes + this.#at - this.#start > FLUSH_BYTES) this.#flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(this.#soon);
    }
  }

  readonly #soon = () => process.nextTick(this.#flushTurn);

  readonly #flushTurn = () => {
    this.#scheduled = false;
    this.#flush();
  };

  #flush(): void {
    this.#cut();
    const chunks = this.#chunks;
    const last = chunks.pop();
    if (last === undefined) return;
    this.#chunks = [];
    this.#bytes = 0;
    if (chunks.length > 0) this.#socket.cork();
    for (const chunk of chunks) this.#socket.write(chunk);
    const full = this.#full;
    if (full.length === 0) this.#socket.write(last);
    else {
      this.#full = [];
      this.#socket.write(last, () => this.#keep(full));
    }
    if (chunks.length > 0) this.#socket.uncork();
  }

  /** Queues what was written to the slab since the last cut. */
  #cut(): void {
    if (this.#at === this.#start) return;
    this.#chunks.push(this.#slab.subarray(this.#start, this.#at));
    this.#bytes += this.#at - this.#start;
    this.#start = this.#at;
  }

  #nextSlab(): void {
    this.#cut();
    this.#full.push(this.#slab);
    this.#slab = this.#spare.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES);
    this.#start = 0;
    this.#at = 0;
  }

  #keep(slabs: readonly Buffer<ArrayBuffer>[]): void {
    for (const slab of slabs) if (this.#spare.length < SLABS_KEPT_MAX) this.#spare.push(slab);
  }
}

/** Reads frames from chunks of a socket. Payloads are views into the chunks. */
export class FrameReader {
  readonly #onFrame: (id: number, payload: Buffer) => void;
  #rest: Buffer | undefined;
  #large: Buffer | undefined;
  #largeId = 0;
  #largeAt = 0;

  constructor(onFrame: (id: number, payload: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  read(received: Buffer): void {
    let chunk = received;
    let at = this.#large === undefined ? 0 : this.#fill(chunk, 0);
    if (this.#rest !== undefined) {
      chunk = Buffer.concat([this.#rest, chunk]);
      this.#rest = undefined;
    }
    while (chunk.length - at >= HEADER_BYTES) {
      const length = readWord(chunk, at);
      const end = at + HEADER_BYTES + length;
      if (end <= chunk.length) {
        this.#onFrame(readWord(chunk, at + 4), chunk.subarray(at + HEADER_BYTES, end));
        at = end;
      } else if (length > JOIN_BYTES_MAX) {
        this.#large = Buffer.allocUnsafeSlow(length);
        this.#largeId = readWord(chunk, at + 4);
        this.#largeAt = 0;
        at = this.#fill(chunk, at + HEADER_BYTES);
      } else break;
    }
    if (at < chunk.length) this.#rest = chunk.subarray(at);
  }

  /** Goes on with a large frame; gives where in the chunk the next one begins. */
  #fill(chunk: Buffer, from: number): number {
    const large = this.#large as Buffer;
    const taken = Math.min(chunk.length - from, large.length - this.#largeAt);
    large.set(chunk.subarray(from, from + taken), this.#largeAt);
    this.#largeAt += taken;
    if (this.#largeAt === large.length) {
      this.#large = undefined;
      this.#onFrame(this.#largeId, large);
    }
    return from + taken;
  }
}

function writeWord(bytes: Buffer, at: number, word: number): void {
  bytes[at] = word;
  bytes[at + 1] = word >>> 8;
  bytes[at + 2] = word >>> 16;
  bytes[at + 3] = word >>> 24;
}

function readWord(bytes: Buffer, at: number): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
  return (low | ((bytes[at + 3] as number) << 24)) >>> 0;
}
