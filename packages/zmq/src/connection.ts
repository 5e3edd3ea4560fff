import type { Duplex } from "node:stream";
import { encodeCommand, encodeError, encodePing, parseCommand, readPing } from "./command.ts";
import { PeerFault, violation, ZmqError } from "./errors.ts";
import { encodeFrame, FLAG_COMMAND } from "./frame.ts";
import { createFrameDecoder } from "./frame-decoder.ts";
import type { PacketWriter } from "./frame-writer.ts";
import { createHandshake, type HandshakeOutcome } from "./handshake.ts";
import { createHeartbeat, type Heartbeat } from "./heartbeat.ts";
import { HANDSHAKE_BYTES_MAX, PING_CONTEXT_BYTES_MAX, type ZmqLimits, type ZmqTiming } from "./limits.ts";
import type { Mechanism, SecureSession } from "./mechanism.ts";
import { createMessageAssembler } from "./message-assembler.ts";
import type { Metadata } from "./metadata.ts";
import { createOutbound, type OutboundSource } from "./outbound.ts";
import type { Frames, Outbox, SendResult } from "./outbox.ts";
import { refusalOf } from "./refusal.ts";
import { type OwnSocketType, readAnnouncement } from "./socket-type.ts";
import type { ZmqSystem } from "./system.ts";

/** The other side of a connection, as its handshake showed it. */
export interface Peer {
  /** Where it is, such as `tcp://127.0.0.1:50123`; for people and logs. */
  readonly address: string;
  /** `DEALER`, `ROUTER`, `REQ` or `REP`. */
  readonly socketType: string;
  /** The identity it gave itself, often empty; not proven. */
  readonly identity: Uint8Array;
  /** Everything it announced, names in lower case. */
  readonly properties: Metadata;
  /** Its long-term CURVE key, proven; undefined without CURVE. */
  readonly publicKey: Uint8Array | undefined;
  /** What the listener's `authorize` returned for it; undefined elsewhere. */
  readonly info: unknown;
}

/** A connection whose handshake went well. */
export interface Connection {
  readonly peer: Peer;
  /** Queues one message; the frames are held by reference until they have left, and must not be written again. */
  sendMessage(frames: Frames): SendResult;
  /**
   * Where packets may be written at once, to be followed by `requestFlush`; undefined while the socket takes no more, when they must
   * wait with the source.
   */
  readonly writer: PacketWriter | undefined;
  /** Says that there is something to send: it leaves at the end of this turn, or when the socket is free. */
  requestFlush(): void;
  /** Delivers no more until `resume`; what the peer sends then stays in the kernel and holds the peer back. */
  pause(): void;
  /** Delivers again, from the next turn on. */
  resume(): void;
  /** Sends what waits, at most for `lingerMs`, and ends the connection. */
  close(): Promise<void>;
}

/** What the owner of a connection wants to hear, and where its messages come from. */
export interface ConnectionEvents {
  /**
   * A message came. Its frames are never written again, so they may be kept; a small frame may be a view of a chunk of
   * 64 KiB, which then stays in memory with it.
   */
  onMessage(frames: Uint8Array[]): void;
  /** The connection is gone: with the error, or undefined after `close`. Called once. */
  onClose?(error: ZmqError | undefined): void;
  /** Where packets come from, next to `sendMessage`. */
  readonly source?: OutboundSource;
}

/** What a listener or connector hands to a connection. */
export interface ConnectionOptions {
  /** The connected socket. What is written must be copied once `writableLength` is 0, as a kernel does. */
  readonly stream: Duplex;
  readonly address: string;
  /** What this side was doing, for errors before the handshake is over: `Cannot accept peer "…"`. */
  readonly opening: string;
  readonly ownType: OwnSocketType;
  readonly mechanism: Mechanism;
  readonly outbox: Outbox;
  readonly limits: ZmqLimits;
  readonly timing: ZmqTiming;
  readonly system: ZmqSystem;
  onReady(connection: Connection): ConnectionEvents;
  /** The handshake failed. */
  onRefused(error: ZmqError): void;
  /** The socket is closed for good; called once, last. */
  onEnd(): void;
}

/** Starts the handshake on a connected socket. The result may be closed at any time. */
export function createConnection(options: ConnectionOptions): Pick<Connection, "close"> {
  return new SocketConnection(options);
}

/** How long a peer that is sent away may take to read why. */
const FAREWELL_MS = 500;

/** What is usually wrong when a peer leaves without a word. */
const HINTS = new Map([
  ["greeting", ", check that it speaks ZMTP 3 and has the same security"],
  ["NULL handshake", ", check that the two socket types fit"],
  ["CURVE handshake", ", check the keys on both sides"],
]);

/**
 * Owns one socket from its handshake to its end.
 * I1: `onRefused` or the pair `onReady`, `onClose` is called, never both; `onEnd` comes last, once.
 * I2: nothing is delivered while paused, closing or closed, and nothing out of order.
 * I3: every timer is cancelled by the time of `onEnd`.
 */
class SocketConnection implements Connection {
  readonly #options: ConnectionOptions;
  readonly #stream: Duplex;
  readonly #handshake;
  readonly #decoder = createFrameDecoder(HANDSHAKE_BYTES_MAX);
  readonly #assembler;
  readonly #outbound;
  readonly #ended = Promise.withResolvers<void>();
  #state: "opening" | "ready" | "closing" | "closed" = "opening";
  #peer: Peer | undefined;
  #events: ConnectionEvents | undefined;
  #session: SecureSession | undefined;
  #heartbeat: Heartbeat | undefined;
  #paused = false;
  #cancelTimer: () => void;

  constructor(options: ConnectionOptions) {
    const { stream, outbox, system, timing } = options;
    this.#options = options;
    this.#stream = stream;
    this.#handshake = createHandshake({ mechanism: options.mechanism, send: (bytes) => void stream.write(bytes) });
    this.#assembler = createMessageAssembler(options.limits);
    this.#outbound = createOutbound({ stream, outbox, system, onSent: () => this.#heartbeat?.sent() });
    this.#cancelTimer = system.setTimer(timing.handshakeTimeoutMs, () => this.#onHandshakeTimeout());
    stream.on("data", (chunk: Uint8Array) => this.#onData(chunk));
    stream.on("end", () => this.#onLost("it closed the connection"));
    stream.on("error", (error: NodeJS.ErrnoException) =>
      this.#onLost(`the connection broke (${error.code ?? error.name})`),
    );
    stream.on("close", () => this.#onStreamClose());
    this.#handshake.start();
  }

  get peer(): Peer {
    if (this.#peer === undefined) throw new Error("Cannot name the peer: the handshake is not over");
    return this.#peer;
  }

  sendMessage(frames: Frames): SendResult {
    if (this.#state !== "ready") return "closed";
    const result = this.#options.outbox.push(frames);
    if (result === "accepted") this.#outbound.requestFlush();
    return result;
  }

  get writer(): PacketWriter | undefined {
    return this.#state === "ready" ? this.#outbound.writer : undefined;
  }

  requestFlush(): void {
    if (this.#state === "ready") this.#outbound.requestFlush();
  }

  pause(): void {
    this.#paused = true;
    if (this.#state === "ready") this.#stream.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#options.system.endOfTurn(() => {
      if (this.#paused || this.#state !== "ready") return;
      try {
        this.#drain(); // I2: first what is left of the last chunk
      } catch (error) {
        this.#onFault(error);
      }
      if (!this.#paused) this.#stream.resume();
    });
  }

  close(): Promise<void> {
    if (this.#state === "closing" || this.#state === "closed") return this.#ended.promise;
    const { lingerMs } = this.#options.timing;
    const graceful = this.#state === "ready" && lingerMs > 0;
    this.#state = "closing";
    this.#heartbeat?.stop();
    this.#cancelTimer();
    if (graceful) {
      this.#outbound.onceEmpty(() => this.#stream.end());
      this.#stream.resume();
      this.#cancelTimer = this.#options.system.setTimer(lingerMs, () => this.#stream.destroy());
    } else {
      this.#stream.destroy();
    }
    return this.#ended.promise;
  }

  #onData(chunk: Uint8Array): void {
    if (this.#state === "closing" || this.#state === "closed") return; // I2
    this.#heartbeat?.heard();
    try {
      const rest = this.#state === "ready" ? chunk : this.#skipGreeting(chunk);
      this.#decoder.push(rest);
      this.#drain();
    } catch (error) {
      this.#onFault(error);
    }
  }

  #skipGreeting(chunk: Uint8Array): Uint8Array {
    return this.#handshake.greeted ? chunk : chunk.subarray(this.#handshake.pushGreeting(chunk));
  }

  #drain(): void {
    while (!this.#paused && (this.#state === "ready" || this.#state === "opening")) {
      const body = this.#decoder.next();
      if (body === undefined) return;
      if (this.#state === "ready") this.#onFrame(this.#decoder.flags, body);
      else this.#onHandshakeFrame(this.#decoder.flags, body);
    }
  }

  #onHandshakeFrame(flags: number, body: Uint8Array): void {
    const outcome = this.#handshake.receive(flags, body);
    if (outcome !== undefined) this.#onHandshakeDone(outcome);
  }

  #onHandshakeDone(outcome: HandshakeOutcome): void {
    const { metadata, publicKey, info, session } = outcome;
    const { socketType, identity } = readAnnouncement(this.#options.ownType, metadata);
    const { limits, address } = this.#options;
    this.#cancelTimer();
    this.#peer = { address, socketType, identity, properties: metadata, publicKey, info };
    this.#session = session;
    this.#decoder.frameBytesMax = limits.frameBytesMax + (session?.sealer.prefixBytes ?? 0);
    this.#state = "ready";
    if (outcome.minor > 0) this.#startHeartbeat();
    this.#events = this.#options.onReady(this);
    this.#outbound.start(this.#events.source, session?.sealer);
    if (this.#paused) this.#stream.pause();
  }

  /** A ZMTP 3.0 peer knows no PING, so it is left to TCP to notice its death. */
  #startHeartbeat(): void {
    const { timing, system } = this.#options;
    this.#heartbeat = createHeartbeat({
      timing,
      system,
      ping: () => this.#outbound.sendControl(encodePing(timing.heartbeatTimeoutMs)),
      paused: () => this.#paused,
      onSilent: (silentMs) => this.#end(new PeerFault("peer_silent", `it was silent for ${silentMs} ms`), "destroy"),
    });
  }

  #onFrame(outerFlags: number, body: Uint8Array): void {
    let flags = outerFlags;
    let payload = body;
    if (this.#session !== undefined) ({ flags, payload } = this.#session.open(body));
    if ((flags & FLAG_COMMAND) !== 0) {
      this.#onCommand(payload);
    } else {
      const message = this.#assembler.push(flags, payload);
      if (message !== undefined) this.#events?.onMessage(message);
    }
  }

  /** Commands that are not known are passed over, as RFC 37 asks, so that later versions can add some. */
  #onCommand(body: Uint8Array): void {
    const { name, data } = parseCommand(body);
    if (name === "ERROR") throw refusalOf(data);
    if (name !== "PING") return;
    const { ttlMs, context } = readPing(data);
    if (context.length > PING_CONTEXT_BYTES_MAX) throw violation("it sent a PING with over 16 bytes of context");
    this.#heartbeat?.askedFor(ttlMs);
    this.#outbound.sendControl(encodeCommand("PONG", context));
  }

  /** What the peer did wrong ends the connection; a bug of ours goes on up. */
  #onFault(error: unknown): void {
    if (!(error instanceof PeerFault)) throw error;
    this.#end(error, "farewell");
  }

  #onHandshakeTimeout(): void {
    const why = `its ${this.#handshake.stage} did not come within ${this.#options.timing.handshakeTimeoutMs} ms`;
    this.#end(new PeerFault("handshake_failed", `${why}, check that a ZeroMQ peer is there`), "destroy");
  }

  #onLost(why: string): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    if (this.#state === "opening") {
      const { stage } = this.#handshake;
      const hint = HINTS.get(stage) ?? "";
      this.#end(new PeerFault("handshake_failed", `${why} during the ${stage}${hint}`), "destroy");
      return;
    }
    const cut = this.#decoder.inFrame || this.#assembler.inMessage ? " in the middle of a message" : "";
    this.#end(new PeerFault("peer_lost", `${why}${cut}`), "destroy");
  }

  /** Ends the connection because of the peer: at once, or after telling it why and letting it close first. */
  #end(fault: PeerFault, manner: "destroy" | "farewell"): void {
    const state = this.#state;
    if (state === "closing" || state === "closed") return;
    this.#state = "closed";
    this.#stop();
    const told = state === "opening" && fault.wireReason !== undefined ? encodeError(fault.wireReason) : undefined;
    if (manner === "destroy") {
      this.#stream.destroy();
    } else {
      if (told !== undefined) this.#stream.write(encodeFrame(FLAG_COMMAND, told));
      this.#stream.end();
      this.#stream.resume();
      this.#cancelTimer = this.#options.system.setTimer(FAREWELL_MS, () => this.#stream.destroy());
    }
    const doing = state === "opening" ? this.#options.opening : `Cannot go on with peer "${this.#options.address}"`;
    const error = new ZmqError(fault.code, `${doing}: ${fault.message}`, { cause: fault });
    if (state === "opening")
      this.#options.onRefused(error); // I1
    else this.#events?.onClose?.(error);
  }

  #stop(): void {
    this.#heartbeat?.stop();
    this.#outbound.stop();
    this.#cancelTimer();
  }

  #onStreamClose(): void {
    this.#onLost("the connection was closed");
    const closedByOwner = this.#state === "closing";
    this.#state = "closed";
    this.#stop(); // I3
    if (closedByOwner) this.#events?.onClose?.(undefined);
    this.#options.onEnd();
    this.#ended.resolve();
  }
}
