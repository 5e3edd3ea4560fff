import type { Duplex } from "node:stream";
import { FLAG_COMMAND, FLAG_MORE } from "./frame.ts";
import { createFrameWriter, type FrameSealer, type PacketWriter } from "./frame-writer.ts";
import { EARLY_FLUSH_BYTES, EARLY_FLUSH_GROWTH, SOCKET_WAITING_BYTES_MAX } from "./limits.ts";
import type { Outbox } from "./outbox.ts";
import type { ZmqSystem } from "./system.ts";

/**
 * Something that has messages to send and encodes them only when the connection is ready to take them.
 * It keeps its own queue, with its own bound; `Connection.requestFlush` says that there is something in it.
 */
export interface OutboundSource {
  /**
   * Writes what waits, item by item, until `writer.endItem()` returns false or nothing is left.
   * Called at most once per flush, at the end of a turn; returns whether something still waits.
   */
  fill(writer: PacketWriter): boolean;
}

/** The sending half of one connection. */
export interface Outbound {
  /** Lets messages go, after the handshake. */
  start(source: OutboundSource | undefined, sealer: FrameSealer | undefined): void;
  /** Takes packets at once; undefined while the socket takes no more. */
  readonly writer: PacketWriter | undefined;
  /**
   * Flushes at the end of this turn, or of all turns with the input that is there where one of them has flushed already; at once when enough
   * is written for a part of its own.
   */
  requestFlush(): void;
  /** Sends a command before the messages that wait; of several that cannot leave, the last one stays. */
  sendControl(body: Uint8Array): void;
  /** Calls back as soon as all that waits has been handed to the socket. */
  onceEmpty(run: () => void): void;
  /** Sends nothing more. */
  stop(): void;
}

/** What the sending half works with. */
export interface OutboundOptions {
  readonly stream: Duplex;
  readonly outbox: Outbox;
  readonly system: Pick<ZmqSystem, "endOfTurn" | "endOfPass">;
  /** Something was handed to the socket. */
  onSent(): void;
}

/** Makes the sending half of a connection; it holds everything back until `start`. */
export function createOutbound(options: OutboundOptions): Outbound {
  return new FlushingOutbound(options);
}

/**
 * Owns what is between the outbox and the socket.
 * I1: at most one flush is scheduled, and none while SOCKET_WAITING_BYTES_MAX wait in the socket.
 * I2: beyond the outbox, at most that many bytes, FLUSH_BYTES_MAX and one item wait in writer and socket.
 * I3: slabs are written again only after the kernel has taken their bytes.
 */
class FlushingOutbound implements Outbound {
  readonly #options: OutboundOptions;
  readonly #stream: Duplex;
  readonly #writer = createFrameWriter();
  #source: OutboundSource | undefined;
  #control: Uint8Array | undefined;
  #state: "held" | "running" | "stopped" = "held";
  #scheduled = false;
  /** Whether a turn has flushed since the event loop looked for input: what later turns send leaves together when it looks again. */
  #passing = false;
  #earlyBytes = EARLY_FLUSH_BYTES;
  #wanted = false;
  #blocked = false;
  #onEmpty: (() => void) | undefined;

  constructor(options: OutboundOptions) {
    this.#options = options;
    this.#stream = options.stream;
    this.#stream.on("drain", this.#onDrain);
  }

  start(source: OutboundSource | undefined, sealer: FrameSealer | undefined): void {
    if (this.#state === "stopped") return;
    if (sealer !== undefined) this.#writer.setSealer(sealer);
    this.#source = source;
    this.#state = "running";
    this.requestFlush();
  }

  get writer(): PacketWriter | undefined {
    return this.#blocked || this.#state !== "running" ? undefined : this.#writer; // I2
  }

  requestFlush(): void {
    this.#wanted = true;
    if (this.#blocked || this.#state !== "running") return; // I1
    if (this.#writer.size >= this.#earlyBytes || this.#writer.full) this.#flushEarly();
    else this.#flushLater();
  }

  sendControl(body: Uint8Array): void {
    this.#control = body;
    this.requestFlush();
  }

  onceEmpty(run: () => void): void {
    this.#onEmpty = run;
    this.requestFlush();
  }

  stop(): void {
    this.#state = "stopped";
    this.#source = undefined;
    this.#onEmpty = undefined;
  }

  /** A peer that had to wait for all of a turn would stand still meanwhile, and then so would we: so it gets parts to work on. */
  #flushEarly(): void {
    this.#earlyBytes *= EARLY_FLUSH_GROWTH;
    this.#flush();
    this.#flushLater();
  }

  #flushLater(): void {
    if (this.#scheduled || this.#passing) return;
    this.#scheduled = true;
    this.#options.system.endOfTurn(this.#onTurnEnd);
  }

  readonly #onTurnEnd = (): void => {
    this.#scheduled = false;
    this.#passing = true;
    this.#options.system.endOfPass(this.#onPassEnd);
    this.#flush();
  };

  readonly #onPassEnd = (): void => {
    this.#passing = false;
    this.#earlyBytes = EARLY_FLUSH_BYTES;
    if (this.#wanted) this.#flush();
  };

  #flush(): void {
    let more = true;
    while (more && !this.#blocked && this.#state === "running") {
      this.#wanted = false;
      more = this.#collect();
      this.#write(this.#writer.take());
    }
    if (more) this.#wanted = true;
    else if (!this.#blocked) this.#reportEmpty();
  }

  /** Encodes commands, then whole messages, then the source's packets; returns whether something still waits. */
  #collect(): boolean {
    const writer = this.#writer;
    if (this.#control !== undefined) {
      writer.writeFrame(FLAG_COMMAND, this.#control);
      this.#control = undefined;
    }
    while (!writer.full) {
      const frames = this.#options.outbox.shift();
      if (frames === undefined) return this.#source?.fill(writer) ?? false;
      for (let index = 0; index < frames.length; index++) {
        writer.writeFrame(index < frames.length - 1 ? FLAG_MORE : 0, frames[index] as Uint8Array);
      }
    }
    return true; // I2
  }

  #write(segments: readonly Uint8Array[]): void {
    if (segments.length === 0) return;
    const stream = this.#stream;
    if (segments.length > 1) {
      stream.cork();
      for (const segment of segments) stream.write(segment);
      stream.uncork();
    } else {
      stream.write(segments[0]);
    }
    const waiting = stream.writableLength;
    this.#blocked = waiting >= SOCKET_WAITING_BYTES_MAX && stream.writableNeedDrain; // I1
    this.#writer.release(waiting === 0); // I3
    this.#options.onSent();
  }

  readonly #onDrain = (): void => {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#writer.release(this.#stream.writableLength === 0); // I3
    if (this.#wanted) this.requestFlush();
    else this.#reportEmpty();
  };

  #reportEmpty(): void {
    const run = this.#onEmpty;
    this.#onEmpty = undefined;
    run?.();
  }
}
