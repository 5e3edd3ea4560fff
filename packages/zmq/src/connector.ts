import { connect as connectSocket, type Socket } from "node:net";
import { parseAddress, type SocketAddress } from "./address.ts";
import { backoffMs } from "./backoff.ts";
import { type Connection, type ConnectionEvents, createConnection } from "./connection.ts";
import { completeEndpoint, type EndpointOptions } from "./endpoint-options.ts";
import { ZmqError } from "./errors.ts";
import type { ZmqLimits, ZmqTiming } from "./limits.ts";
import type { MetadataCheck } from "./mechanism.ts";
import type { Metadata } from "./metadata.ts";
import { createOutbox, type Frames, type Outbox, type SendResult } from "./outbox.ts";
import { type ConnectorSecurity, connectorMechanism, type MechanismFactory } from "./security.ts";
import { readAnnouncement } from "./socket-type.ts";
import type { ZmqSystem } from "./system.ts";

/** Where and how to connect. */
export interface ConnectorOptions extends EndpointOptions {
  /** `tcp://HOST:PORT` or `ipc://PATH` of a listener, which need not be there yet. */
  readonly address: string;
  /** There is a connection, the first one or after a loss: says who takes its messages. */
  onConnection(connection: Connection): ConnectionEvents;
  /** An attempt failed, or a connection was lost, and another attempt follows. Default: nothing happens. */
  readonly onRetry?: (error: ZmqError, retry: { readonly failures: number; readonly delayMs: number }) => void;
  /** Default: `{ kind: "null" }`, no encryption. */
  readonly security?: ConnectorSecurity;
}

/** One peer that is kept connected. */
export interface Connector extends AsyncDisposable {
  readonly address: string;
  /** The connection, while there is one. */
  readonly connection: Connection | undefined;
  /** Starts to connect, if that has not begun; sending does it too. */
  connect(): void;
  /** Queues a message, also while there is no connection; what has not left when one is lost goes to the next. */
  sendMessage(frames: Frames): SendResult;
  /** Says that the source has something to send; it is asked as soon as there is a connection. */
  requestFlush(): void;
  /** Sends what waits and ends, both within `lingerMs`; connects for it if there is no connection, unless it is to be `now`. */
  close(options?: { readonly now?: boolean }): Promise<void>;
}

/**
 * Presents a DEALER that connects when there is something to send, and again, with growing pauses, whenever the
 * connection is lost or refused, until it is closed.
 * @throws ZmqError `invalid_argument` for an address or keys that cannot be.
 */
export function createConnector(options: ConnectorOptions): Connector {
  return new SocketConnector(options);
}

type ConnectorState =
  | { readonly kind: "idle" }
  | { readonly kind: "dialling"; readonly socket: Socket; readonly cancel: () => void }
  | { readonly kind: "shaking"; readonly handle: Pick<Connection, "close"> }
  | { readonly kind: "open"; readonly handle: Pick<Connection, "close">; readonly connection: Connection }
  | { readonly kind: "waiting"; readonly cancel: () => void }
  | { readonly kind: "closed" };

const DIAL_REASONS = new Map([
  ["ECONNREFUSED", "nothing listens there, start the peer or check the port"],
  ["ENOTFOUND", "there is no host of that name, check the spelling"],
  ["EHOSTUNREACH", "no way leads to that host, check the network"],
  ["ENOENT", "there is no socket, start the peer or check the path"],
  ["EACCES", "not permitted, its file is another user's"],
  ["ENOTSOCK", "the file there is no socket, check the path"],
]);

/**
 * Owns the outbox, which outlives connections, and at most one socket.
 * I1: a step that was overtaken by `close` does nothing, because it checks the state it belongs to.
 */
class SocketConnector implements Connector {
  readonly address: string;
  readonly #options: ConnectorOptions;
  readonly #target: SocketAddress;
  readonly #system: ZmqSystem;
  readonly #limits: ZmqLimits;
  readonly #timing: ZmqTiming;
  readonly #mechanism: MechanismFactory;
  readonly #metadata: Metadata;
  readonly #outbox: Outbox;
  readonly #closed = Promise.withResolvers<void>();
  #state: ConnectorState = { kind: "idle" };
  #failures = 0;
  #flushWanted = false;
  #closing = false;
  #cancelLinger: (() => void) | undefined;

  constructor(options: ConnectorOptions) {
    this.address = options.address;
    this.#options = options;
    this.#target = parseAddress(options.address, "connect");
    const { system, limits, timing, metadata } = completeEndpoint("DEALER", options);
    this.#system = system;
    this.#limits = limits;
    this.#timing = timing;
    this.#metadata = metadata;
    this.#mechanism = connectorMechanism(options.security ?? { kind: "null" }, this.#system);
    this.#outbox = createOutbox(this.#limits);
  }

  get connection(): Connection | undefined {
    return this.#state.kind === "open" ? this.#state.connection : undefined;
  }

  connect(): void {
    if (this.#state.kind === "idle" && !this.#closing) this.#dial();
  }

  sendMessage(frames: Frames): SendResult {
    if (this.#closing) return "closed";
    const result = this.#outbox.push(frames);
    if (result === "accepted") this.requestFlush();
    return result;
  }

  requestFlush(): void {
    if (this.#closing) return;
    if (this.#state.kind === "open") {
      this.#state.connection.requestFlush();
    } else {
      this.#flushWanted = true;
      this.connect();
    }
  }

  close({ now = false }: { readonly now?: boolean } = {}): Promise<void> {
    if (this.#closing) return this.#closed.promise;
    this.#closing = true;
    const unsent = !now && (this.#flushWanted || this.#outbox.messages > 0);
    if (this.#state.kind === "open" || !unsent || this.#timing.lingerMs === 0) this.#shut();
    else this.#cancelLinger = this.#system.setTimer(this.#timing.lingerMs, () => this.#shut());
    return this.#closed.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #dial(): void {
    const timeoutMs = this.#timing.handshakeTimeoutMs;
    const target = this.#target;
    const socket = connectSocket("path" in target ? target : { ...target, noDelay: true });
    const cancel = this.#system.setTimer(timeoutMs, () =>
      socket.destroy(new Error(`no answer within ${timeoutMs} ms`)),
    );
    const state: ConnectorState = { kind: "dialling", socket, cancel };
    const onError = (error: NodeJS.ErrnoException) => {
      cancel();
      if (this.#state === state) this.#retry(dialError(this.address, error)); // I1
    };
    this.#state = state;
    socket.once("error", onError);
    socket.once("connect", () => {
      cancel();
      socket.off("error", onError);
      if (this.#state === state) this.#shake(socket); // I1
    });
  }

  #shake(stream: Socket): void {
    const check: MetadataCheck = (metadata) => void readAnnouncement("DEALER", metadata);
    const handle: Pick<Connection, "close"> = createConnection({
      stream,
      address: this.address,
      opening: `Cannot connect to "${this.address}"`,
      ownType: "DEALER",
      mechanism: this.#mechanism({ metadata: this.#metadata, check }),
      outbox: this.#outbox,
      limits: this.#limits,
      timing: this.#timing,
      system: this.#system,
      onReady: (connection) => this.#onReady(handle, connection),
      onRefused: (error) => {
        if (this.#state.kind === "shaking") this.#retry(error);
      },
      onEnd: () => {},
    });
    this.#state = { kind: "shaking", handle };
  }

  #onReady(handle: Pick<Connection, "close">, connection: Connection): ConnectionEvents {
    const state: ConnectorState = { kind: "open", handle, connection };
    this.#state = state;
    this.#failures = 0;
    this.#flushWanted = false;
    const events = this.#options.onConnection(connection);
    if (this.#closing) this.#system.endOfTurn(() => this.#shut());
    return {
      ...(events.source === undefined ? {} : { source: events.source }),
      onMessage: (frames) => events.onMessage(frames),
      onClose: (error) => {
        events.onClose?.(error);
        if (this.#state !== state) return; // I1
        this.#state = { kind: "idle" };
        if (error !== undefined) this.#retry(error);
      },
    };
  }

  #retry(error: ZmqError): void {
    this.#failures++;
    const { reconnectMinMs: minMs, reconnectMaxMs: maxMs } = this.#timing;
    const delayMs = backoffMs({ failures: this.#failures, minMs, maxMs, random: this.#system.random() });
    this.#state = { kind: "waiting", cancel: this.#system.setTimer(delayMs, () => this.#dial()) };
    this.#options.onRetry?.(error, { failures: this.#failures, delayMs });
  }

  #shut(): void {
    const state = this.#state;
    this.#cancelLinger?.();
    switch (state.kind) {
      case "dialling":
        state.cancel();
        state.socket.once("close", () => this.#finish());
        state.socket.destroy();
        break;
      case "shaking":
      case "open":
        void state.handle.close().then(() => this.#finish());
        break;
      case "waiting":
        state.cancel();
        this.#finish();
        break;
      case "idle":
        this.#finish();
        break;
      case "closed":
        return;
    }
    this.#state = { kind: "closed" };
  }

  #finish(): void {
    this.#state = { kind: "closed" };
    this.#closed.resolve();
  }
}

function dialError(address: string, error: NodeJS.ErrnoException): ZmqError {
  const doing = `Cannot connect to "${address}"`;
  const why = DIAL_REASONS.get(error.code ?? "") ?? error.message;
  return new ZmqError("unreachable", `${doing}: ${why}`, { cause: error });
}
