import { existsSync, lstatSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Clock, createSystemClock, OrreryError } from "@orrery/core";
import type { Link, LinkListener, Message, MessageListener, SendResult, Transport } from "@orrery/core/internal";
import { parseAddress, type TcpAddress } from "./address.ts";
import type { Connection } from "./connection.ts";
import { type Connector, createConnector } from "./connector.ts";
import { type CurveKeyPair, encodeHex, parseCurveKey } from "./curve-key.ts";
import type { AuthorizeKey } from "./curve-server.ts";
import { ZmqError, type ZmqErrorCode } from "./errors.ts";
import { PACKET_BYTES_MAX, type ZmqTiming } from "./limits.ts";
import { createListener, type Listener } from "./listener.ts";
import { allowKeys, type ListenerSecurity } from "./security.ts";
import { createZmqLink, type ZmqLink } from "./zmq-link.ts";

/** A peer that may connect, and for whom it may speak. */
export interface KnownPeer {
  /** Its public CURVE key: 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Agents that it may name on its messages; `*` for all. */
  readonly agents: readonly string[];
}

/** Keys of a node and of the peers it knows. */
export interface CurveOptions {
  /** This node's own long-term keys. */
  readonly keyPair: CurveKeyPair;
  /** Peers that may connect here; a function is asked at each connection. A key that is not among them is refused. Default: none. */
  readonly peers?: readonly KnownPeer[] | (() => readonly KnownPeer[]);
}

/** Options of the ZeroMQ transport. */
export interface ZmqTransportOptions {
  /** The clock of the node that uses the transport. Default: the machine's. */
  readonly clock?: Clock;
  /** Encryption and authentication of both sides. Default: none, which is for one host or a trusted network. */
  readonly curve?: CurveOptions;
  /** Times of connections: handshake, heartbeat, reconnection, linger. */
  readonly timing?: Partial<ZmqTiming>;
  /** Told of peers that were refused and connections that failed: one line each, without secrets, and what went wrong. Default: nobody. */
  readonly onTrouble?: (text: string, code?: ZmqErrorCode) => void;
  /**
   * Folder whose Unix sockets it connects to, and no others: for who does not trust those that tell it of addresses. Default: any.
   */
  readonly socketsIn?: string;
}

/**
 * Makes the ZeroMQ transport over TCP. It listens as ROUTER and connects as DEALER; any ZeroMQ peer can talk to it.
 * Addresses are `tcp://host:port`; with CURVE a connector writes the listener's public key behind it: `tcp://host:port?key=HEX`.
 * Queues are bounded, connections come back by themselves, and everything sent in one turn of the event loop travels together.
 */
export function createZmqTransport(options: ZmqTransportOptions = {}): Transport {
  return new SocketTransport("tcp", options);
}

/**
 * Makes the ZeroMQ transport over Unix sockets, for processes of one host and user: as `createZmqTransport`, with addresses `ipc:///path`,
 * of at most 107 bytes, or `ipc:///path?key=HEX`. A missing folder is made for this user alone, and so is the socket's file, which goes when the
 * transport closes.
 */
export function createIpcTransport(options: ZmqTransportOptions = {}): Transport {
  return new SocketTransport("ipc", options);
}

/** Writes the address by which peers with CURVE reach a listener. */
export function addressWithKey(address: string, publicKey: Uint8Array): string {
  return `${address}?key=${encodeHex(publicKey)}`;
}

class SocketTransport implements Transport {
  readonly scheme: "tcp" | "ipc";
  readonly carriesValues = false;
  readonly #options: ZmqTransportOptions;
  readonly #clock: Clock;
  readonly #listeners: Listener[] = [];
  readonly #connectors = new Map<string, { readonly link: ZmqLink; readonly connector: Connector }>();
  #lastId = 0;
  #closed = false;
  #onMessage: MessageListener = () => undefined;
  #onLink: LinkListener = () => undefined;

  constructor(scheme: "tcp" | "ipc", options: ZmqTransportOptions) {
    this.scheme = scheme;
    this.#options = options;
    this.#clock = options.clock ?? createSystemClock();
  }

  async listen(address: string): Promise<string> {
    if (this.#closed) throw new OrreryError("unavailable", `Cannot listen at "${address}": the transport is closed`);
    try {
      this.#assertOwn(address);
      const listener = await createListener({
        address,
        security: this.#listenerSecurity(),
        limits: { frameBytesMax: PACKET_BYTES_MAX, messageBytesMax: PACKET_BYTES_MAX },
        timing: this.#options.timing ?? {},
        onConnection: (connection) => this.#incoming(connection).connected(connection),
        onRefused: (error) => this.#options.onTrouble?.(error.message, error.code),
      });
      this.#listeners.push(listener);
      return listener.address;
    } catch (error) {
      throw asOrreryError(error);
    }
  }

  connect(address: string): Link {
    const known = this.#connectors.get(address);
    if (known !== undefined) return known.link;
    if (this.#closed) throw new OrreryError("unavailable", `Cannot connect to "${address}": the transport is closed`);
    try {
      this.#assertOwn(address);
      this.#assertWithin(address);
      return this.#outgoing(address);
    } catch (error) {
      throw asOrreryError(error);
    }
  }

  send(link: Link, message: Message): SendResult {
    if (message.bytes !== undefined && message.bytes.length > PACKET_BYTES_MAX - ENVELOPE_ROOM) return "too_large";
    return (link as ZmqLink).send(message);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const connectors = [...this.#connectors.values()];
    await Promise.all([
      ...this.#listeners.map((listener) => listener.close()),
      ...connectors.map(({ connector }) => connector.close()),
    ]);
    for (const { link } of connectors) link.close();
  }

  onMessage(listener: MessageListener): void {
    this.#onMessage = listener;
  }

  onLink(listener: LinkListener): void {
    this.#onLink = listener;
  }

  #incoming(connection: Connection): ZmqLink {
    const agents = this.#options.curve === undefined ? ANYBODY : (connection.peer.info as KnownPeer).agents;
    const allows = (agent: string) => agents.includes("*") || agents.includes(agent);
    return this.#link({ remote: connection.peer.address, direction: "in", allows, wake: NOTHING, onForget: NOTHING });
  }

  #outgoing(address: string): ZmqLink {
    const [place = "", query] = address.split("?");
    const { curve } = this.#options;
    const serverKey = query?.startsWith("key=") === true ? parseCurveKey(query.slice(4)) : undefined;
    if (query !== undefined && serverKey === undefined)
      throw new OrreryError(
        "invalid_argument",
        `Cannot connect to "${address}": write ${FORMS[this.scheme]} or ${FORMS[this.scheme]}?key=HEX`,
      );
    if ((curve === undefined) !== (serverKey === undefined))
      throw keyMismatch(place, FORMS[this.scheme], curve !== undefined);
    const security =
      curve === undefined || serverKey === undefined
        ? ({ kind: "null" } as const)
        : ({ kind: "curve", keyPair: curve.keyPair, serverKey } as const);
    // A server that we called may not call back on the same connection in anybody's name, once there are keys.
    const link = this.#link({
      remote: place,
      direction: "out",
      allows: () => curve === undefined,
      wake: () => connector.requestFlush(),
      onForget: () => {
        this.#connectors.delete(address);
        // It may be given up while it tells of its connection, which is too early to end that.
        queueMicrotask(() => void connector.close({ now: true }));
      },
    });
    const connector: Connector = createConnector({
      address: place,
      security,
      limits: { frameBytesMax: PACKET_BYTES_MAX, messageBytesMax: PACKET_BYTES_MAX },
      timing: this.#options.timing ?? {},
      onConnection: (connection) => link.connected(connection),
      onRetry: (error) => {
        link.failed(error.message, isRefusal(error));
        this.#options.onTrouble?.(error.message, error.code);
      },
    });
    this.#connectors.set(address, { link, connector });
    if (this.scheme === "ipc" && !existsSync(place.slice("ipc://".length)))
      link.failed(`there is no socket at "${place}"`);
    connector.connect();
    return link;
  }

  #link(options: {
    remote: string;
    direction: "in" | "out";
    allows: (agent: string) => boolean;
    wake: () => void;
    onForget: () => void;
  }): ZmqLink {
    return createZmqLink({
      ...options,
      id: ++this.#lastId,
      sameHost: this.scheme === "ipc" || isLoopback(options.remote),
      clock: this.#clock,
      onMessage: (link, message) => this.#onMessage(link, message),
      onUp: (link) => this.#onLink({ kind: "up", link }),
      onDown: (link, reason) => this.#onLink({ kind: "down", link, reason }),
    });
  }

  #assertOwn(address: string): void {
    if (address.startsWith(`${this.scheme}://`)) return;
    throw new OrreryError("invalid_argument", `Cannot use address "${address}": write ${FORMS[this.scheme]}`);
  }

  /** A name that leads elsewhere is no socket of that folder. */
  #assertWithin(address: string): void {
    const { socketsIn } = this.#options;
    if (socketsIn === undefined) return;
    const path = resolve((address.split("?")[0] ?? "").slice("ipc://".length));
    const isThere = this.scheme === "ipc" && dirname(path) === resolve(socketsIn);
    if (isThere && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
    throw new OrreryError("invalid_argument", `Cannot connect to "${address}": it is no socket in "${socketsIn}"`);
  }

  #listenerSecurity(): ListenerSecurity {
    const { curve } = this.#options;
    if (curve === undefined) return { kind: "null" };
    const { keyPair, peers = [] } = curve;
    const authorize: AuthorizeKey = typeof peers === "function" ? (key) => allowKeys(peers())(key) : allowKeys(peers);
    return { kind: "curve", keyPair, authorize };
  }
}

/** What surrounds a body in a packet is smaller than this, but for texts that nobody should send. */
const ENVELOPE_ROOM = 1024 * 1024;

const FORMS = { tcp: "tcp://host:port", ipc: "ipc:///path" } as const;

const ANYBODY: readonly string[] = ["*"];

const NOTHING = () => undefined;

function isLoopback(address: string): boolean {
  const { host = "" } = parseAddress(address, "connect") as Partial<TcpAddress>;
  return host === "localhost" || host === "::1" || host.startsWith("127.") || host.startsWith("::ffff:127.");
}

function keyMismatch(place: string, form: string, hasKeys: boolean): OrreryError {
  const why = hasKeys
    ? `this node uses CURVE and the address has no key, write ${form}?key=HEX`
    : "the address has a key and this node has none, give it a key pair";
  return new OrreryError("invalid_argument", `Cannot connect to "${place}": ${why}`);
}

function asOrreryError(error: unknown): unknown {
  if (!(error instanceof ZmqError)) return error;
  const code = error.code === "invalid_argument" ? "invalid_argument" : "unavailable";
  return new OrreryError(code, error.message, { cause: error });
}

/** Whether the machine there said that nobody listens, as it does when a process is gone. */
function isRefusal({ cause }: Error): boolean {
  return (cause as NodeJS.ErrnoException | undefined)?.code === "ECONNREFUSED";
}
