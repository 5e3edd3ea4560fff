import * as net from "node:net";
import { parseAddress, printAddress, type TcpAddress } from "./address.ts";
import { type Connection, type ConnectionEvents, createConnection } from "./connection.ts";
import { completeEndpoint, type EndpointOptions } from "./endpoint-options.ts";
import { ZmqError } from "./errors.ts";
import type { ZmqLimits, ZmqTiming } from "./limits.ts";
import type { Metadata } from "./metadata.ts";
import { createOutbox } from "./outbox.ts";
import { type ListenerSecurity, listenerMechanism, type MechanismFactory } from "./security.ts";
import { readAnnouncement } from "./socket-type.ts";
import type { ZmqSystem } from "./system.ts";
import { listenAtPath } from "./unix-socket.ts";

/** Where and how to listen. */
export interface ListenerOptions extends EndpointOptions {
  /** `tcp://HOST:PORT`; `*` as host is all of this machine, 0 as port any free one. Or `ipc://PATH`, a file that only its user may use. */
  readonly address: string;
  /** A peer's handshake went well: says who takes its messages. */
  onConnection(connection: Connection): ConnectionEvents;
  /** A peer was not let in; the error says which and why. Default: nothing happens. */
  readonly onRefused?: (error: ZmqError) => void;
  /** Default: `{ kind: "null" }`, no encryption. */
  readonly security?: ListenerSecurity;
}

/** A port or a Unix socket that is open. */
export interface Listener extends AsyncDisposable {
  /** The address with the port that was really taken. */
  readonly address: string;
  /** Connections now, those in handshake included. */
  readonly connections: number;
  /** Frees the port or takes the file away at once, and closes every connection, each within `lingerMs`. */
  close(): Promise<void>;
}

/**
 * Opens a port or a Unix socket and presents a ROUTER on it, to which DEALER, REQ and ROUTER peers connect. The file of a socket at which
 * nobody listens any more is taken away first.
 * @throws ZmqError `invalid_argument` for an address or keys that cannot be, `address_in_use` when it is taken,
 * `address_unavailable` when the machine does not have or does not give that address.
 */
export async function createListener(options: ListenerOptions): Promise<Listener> {
  const wanted = parseAddress(options.address, "listen");
  const listener = new SocketListener(options);
  if ("path" in wanted) await listener.openPath(wanted.path);
  else await listener.open(wanted);
  return listener;
}

/** Owns the server socket and every connection that came through it. I1: at most `connectionsMax` of them. */
class SocketListener implements Listener {
  readonly #options: ListenerOptions;
  readonly #system: ZmqSystem;
  readonly #limits: ZmqLimits;
  readonly #timing: ZmqTiming;
  readonly #mechanism: MechanismFactory;
  readonly #metadata: Metadata;
  readonly #server: net.Server;
  readonly #connections = new Set<Pick<Connection, "close">>();
  #address: string;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#address = options.address;
    const { system, limits, timing, metadata } = completeEndpoint("ROUTER", options);
    this.#system = system;
    this.#limits = limits;
    this.#timing = timing;
    this.#metadata = metadata;
    this.#mechanism = listenerMechanism(options.security ?? { kind: "null" }, this.#system);
    this.#server = net.createServer({ noDelay: true }, (socket) => this.#onSocket(socket));
  }

  get address(): string {
    return this.#address;
  }

  get connections(): number {
    return this.#connections.size;
  }

  async open({ host, port }: TcpAddress): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", (error) => reject(bindError(this.#options.address, error)));
    try {
      this.#server.listen(placeOf(host, port), resolve);
    } catch (error) {
      throw bindError(this.#options.address, error as Error);
    }
    await promise;
    const bound = this.#server.address();
    if (bound !== null && typeof bound === "object") this.#address = printAddress({ host, port: bound.port });
  }

  async openPath(path: string): Promise<void> {
    await listenAtPath(this.#server, path, this.#options.address);
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await Promise.all([...this.#connections].map((connection) => connection.close()));
    await promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #onSocket(socket: net.Socket): void {
    const { remoteAddress: host, remotePort: port = 0 } = socket;
    // Who connects to a file comes from nowhere in particular.
    const address =
      host === undefined && isIpc(this.#address) ? this.#address : printAddress({ host: host ?? "unknown", port });
    const opening = `Cannot accept peer "${address}"`;
    const onRefused = (error: ZmqError) => this.#options.onRefused?.(error);
    if (this.#connections.size >= this.#limits.connectionsMax) {
      socket.destroy(); // I1
      onRefused(
        new ZmqError("overloaded", `${opening}: ${this.#limits.connectionsMax} are connected, which is the limit`),
      );
      return;
    }
    const connection = createConnection({
      stream: socket,
      address,
      opening,
      ownType: "ROUTER",
      mechanism: this.#mechanism({
        metadata: this.#metadata,
        check: (metadata) => void readAnnouncement("ROUTER", metadata),
      }),
      outbox: createOutbox(this.#limits),
      limits: this.#limits,
      timing: this.#timing,
      system: this.#system,
      onReady: (ready) => this.#options.onConnection(ready),
      onRefused,
      onEnd: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
  }
}

function isIpc(address: string): boolean {
  return address.startsWith("ipc:");
}

/**
 * What a server is told to listen at. A host goes through Node's look-up even when it is a number, which compiles the pattern of IPv6: that
 * takes longer than all else of opening. A socket that is bound already needs no look-up; Node has them since 26.4.
 */
function placeOf(host: string, port: number): net.BoundSocket | net.ListenOptions {
  const place = { host, port };
  return net.isIPv4(host) && net.BoundSocket !== undefined ? new net.BoundSocket(place) : place;
}

function bindError(address: string, error: NodeJS.ErrnoException): ZmqError {
  const doing = `Cannot bind "${address}"`;
  switch (error.code) {
    case "EADDRINUSE":
      return new ZmqError("address_in_use", `${doing}: port is taken, choose another one or 0 for any`, {
        cause: error,
      });
    case "EACCES":
      return new ZmqError("address_unavailable", `${doing}: not permitted, choose a port over 1023`, { cause: error });
    default: {
      const why = `this machine has no such address (${error.code ?? error.message}), use one of its own or *`;
      return new ZmqError("address_unavailable", `${doing}: ${why}`, { cause: error });
    }
  }
}
