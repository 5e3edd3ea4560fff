import type { Clock } from "@orrery/core";
import {
  createFifo,
  createPacketReader,
  createPacketWriter,
  type Envelope,
  isControl,
  isExpired,
  Kind,
  type Link,
  type Message,
  markLeft,
  type PacketReader,
  type PacketRoom,
  type PacketWriter,
  type SendResult,
} from "@orrery/core/internal";
import type { Connection, ConnectionEvents } from "./connection.ts";
import type { PacketWriter as FrameWriter } from "./frame-writer.ts";
import { BACKLOG_BYTES_MAX, BACKLOG_MESSAGES_MAX } from "./limits.ts";

/** What a link tells the transport it belongs to. */
export interface ZmqLinkOptions {
  readonly id: number;
  readonly remote: string;
  readonly direction: "in" | "out";
  readonly sameHost: boolean;
  readonly clock: Clock;
  /** Whether the other side may speak for an agent. */
  readonly allows: (agent: string) => boolean;
  /** Asks for a connection; only on links going out. */
  readonly wake: () => void;
  /** The link was given up. */
  readonly onForget: () => void;
  readonly onMessage: (link: ZmqLink, message: Message) => void;
  readonly onUp: (link: ZmqLink) => void;
  readonly onDown: (link: ZmqLink, reason: string) => void;
}

/**
 * One link over ZeroMQ. Owns: what waits to be sent, and the routes of the connection of the moment.
 * I1: messages leave in the order in which they were accepted. I2: routes belong to one connection and die with it.
 * I3: an envelope is encoded once, when it may leave; before that it can expire and be dropped unsent.
 * I4: while answers pile up, nothing more is read from the peer that does not take them.
 */
export interface ZmqLink extends Link {
  send(message: Message): SendResult;
  /** There is a connection; says who takes its messages. */
  connected(connection: Connection): ConnectionEvents;
  /** A try to connect failed, maybe because nobody listens there, and another will follow. */
  failed(trouble: string, isRefused?: boolean): void;
  /** No connection will come any more. */
  close(): void;
  forget(): boolean;
  drop(): readonly Message[];
  watch(onTrouble: (trouble: string) => void): void;
}

/** Makes a link without a connection. */
export function createZmqLink(options: ZmqLinkOptions): ZmqLink {
  return new PacketLink(options);
}

class PacketLink implements ZmqLink {
  readonly id: number;
  readonly remote: string;
  readonly direction: "in" | "out";
  readonly sameHost: boolean;
  readonly #options: ZmqLinkOptions;
  readonly #clock: Clock;
  readonly #backlog = createFifo<Message>();
  #backlogBytes = 0;
  #connection: Connection | undefined;
  #packet: PacketWriter = createPacketWriter();
  #reader: PacketReader = createPacketReader();
  #paused = false;
  #closed = false;
  #isLoss = false;
  #onTrouble: (trouble: string) => void = () => undefined;
  heardMs = 0;
  trouble = "";
  refusals = 0;

  constructor(options: ZmqLinkOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.id = options.id;
    this.remote = options.remote;
    this.direction = options.direction;
    this.sameHost = options.sameHost;
  }

  get up(): boolean {
    return this.#connection !== undefined;
  }

  allows(agent: string): boolean {
    return this.#options.allows(agent);
  }

  send(message: Message): SendResult {
    if (this.#closed) return "closed";
    const connection = this.#connection;
    const writer = connection?.writer;
    if (connection === undefined || writer === undefined || this.#backlog.size > 0) return this.#wait(message);
    this.#encode(message, this.#sentMs(message), writer);
    writer.endItem();
    connection.requestFlush();
    return "accepted";
  }

  connected(connection: Connection): ConnectionEvents {
    if (this.#closed) return { onMessage: () => undefined };
    this.#connection = connection;
    this.trouble = "";
    this.#packet = createPacketWriter(); // I2
    this.#reader = createPacketReader();
    this.#options.onUp(this);
    if (this.#backlog.size > 0) connection.requestFlush();
    return {
      source: { fill: (writer) => this.#fill(writer) },
      onMessage: (frames) => this.#read(connection, frames),
      onClose: (error) => this.#lost(connection, error?.message ?? "it was closed"),
    };
  }

  failed(trouble: string, isRefused = false): void {
    this.trouble = trouble;
    if (isRefused) this.refusals++;
    // The loss of a connection is told as such; only what fails afterwards is a try that failed.
    if (!this.#isLoss) this.#onTrouble(trouble);
    this.#isLoss = false;
  }

  watch(onTrouble: (trouble: string) => void): void {
    this.#onTrouble = onTrouble;
  }

  drop(): readonly Message[] {
    const unsent: Message[] = [];
    for (let message = this.#backlog.shift(); message !== undefined; message = this.#backlog.shift())
      unsent.push(message);
    const wasClosed = this.#closed;
    this.close();
    this.#connection = undefined; // What it still brings is nobody's.
    this.#onTrouble = () => undefined;
    if (!wasClosed) this.#options.onForget();
    return unsent;
  }

  close(): void {
    this.#closed = true;
    this.#backlog.keep(() => false);
    this.#backlogBytes = 0;
  }

  forget(): boolean {
    if (this.up || this.#closed || this.direction === "in") return false;
    this.close();
    this.#options.onForget();
    return true;
  }

  #wait(message: Message): SendResult {
    if (this.#isFull()) this.#dropExpired();
    if (this.#isFull()) return "overloaded";
    this.#backlog.push(message);
    this.#backlogBytes += sizeOf(message);
    if (this.#connection === undefined) this.#options.wake();
    else {
      this.#connection.requestFlush();
      if (isAnswer(message)) this.#holdBack(); // I4
    }
    return "accepted";
  }

  #isFull(): boolean {
    return this.#backlog.size >= BACKLOG_MESSAGES_MAX || this.#backlogBytes >= BACKLOG_BYTES_MAX;
  }

  #dropExpired(): void {
    const nowMs = this.#clock.monotonic();
    this.#backlog.keep((message) => {
      if (!isOver(message, nowMs)) return true;
      this.#backlogBytes -= sizeOf(message);
      return false;
    });
  }

  #encode(message: Message, nowMs: number, room: PacketRoom): void {
    if (!isControl(message)) markLeft(message);
    this.#packet.add(message, nowMs, room);
  }

  /** The time at which a message that is sent at once was made: its budget says so, without a look at the clock. */
  #sentMs(message: Message): number {
    if (isControl(message) || message.deadlineMs === 0) return 0;
    return message.budgetMs > 0 ? message.deadlineMs - message.budgetMs : this.#clock.monotonic();
  }

  /** Encodes what has waited, until the connection takes no more. */
  #fill(writer: FrameWriter): boolean {
    const nowMs = this.#clock.monotonic();
    for (let message = this.#backlog.shift(); message !== undefined; message = this.#backlog.shift()) {
      this.#backlogBytes -= sizeOf(message);
      if (isOver(message, nowMs)) continue;
      this.#encode(message, nowMs, writer); // I1, I3
      const isRoomLeft = writer.endItem();
      // Without more to send there is no room needed, and nobody else would read on.
      if (!isRoomLeft && this.#backlog.size > 0) return true;
    }
    if (this.#paused) {
      this.#paused = false;
      this.#connection?.resume();
    }
    return false;
  }

  #holdBack(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#connection?.pause();
  }

  #read(connection: Connection, frames: readonly Uint8Array[]): void {
    if (connection !== this.#connection) return;
    const packet = frames[frames.length - 1];
    try {
      // A REQ peer puts an empty frame before each message; anything else than one packet is not of this protocol.
      if (packet === undefined || frames.length > 2 || (frames.length === 2 && frames[0]?.length !== 0))
        throw new Error(`message of ${frames.length} frames`);
      this.heardMs = this.#clock.monotonic();
      this.#reader.read(packet, this.heardMs, this.#taker);
    } catch (error) {
      void connection.close();
      this.#lost(connection, `it sent what is no packet: ${(error as Error).message}`);
    }
  }

  readonly #taker = {
    control: (message: Message) => this.#options.onMessage(this, message),
    envelope: (message: Envelope) => this.#options.onMessage(this, message),
  };

  #lost(connection: Connection, reason: string): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#paused = false;
    this.#isLoss = true;
    if (this.direction === "in") this.close();
    this.#options.onDown(this, reason);
  }
}

function sizeOf(message: Message): number {
  return (message.bytes?.length ?? 0) + 256;
}

/** Only answers hold their reader back: were requests to do so too, two nodes could wait for one another. */
function isAnswer(message: Message): boolean {
  return (
    !isControl(message) &&
    (message.kind === Kind.reply || message.kind === Kind.streamItem || message.kind === Kind.streamEnd)
  );
}

function isOver(message: Message, nowMs: number): boolean {
  return !isControl(message) && isExpired(message, nowMs);
}
