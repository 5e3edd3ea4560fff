import { Duplex } from "node:stream";

/** One end of a connection in memory. While it is stalled, what it writes is not taken, as with a peer that does not read. */
export interface MemoryStream extends Duplex {
  stalled: boolean;
}

/** Two ends of a connection in memory; what is written is copied, as a kernel does. */
export interface StreamPair {
  readonly left: MemoryStream;
  readonly right: MemoryStream;
}

/** Makes a pair of ends that are connected to each other. */
export function createStreamPair(): StreamPair {
  const left = new MemoryEnd();
  const right = new MemoryEnd();
  left.other = right;
  right.other = left;
  return { left, right };
}

class MemoryEnd extends Duplex implements MemoryStream {
  other: MemoryEnd | undefined;
  #stalled = false;
  #held: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: false });
  }

  get stalled(): boolean {
    return this.#stalled;
  }

  set stalled(stalled: boolean) {
    this.#stalled = stalled;
    if (stalled) return;
    const held = this.#held;
    this.#held = undefined;
    held?.();
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    const pass = () => {
      this.other?.push(Buffer.from(chunk));
      done();
    };
    if (this.#stalled) this.#held = pass;
    else pass();
  }

  override _final(done: (error?: Error) => void): void {
    this.other?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { other } = this;
    if (other !== undefined && !other.destroyed && !other.readableEnded) other.push(null);
    done(error);
  }
}
