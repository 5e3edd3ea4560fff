import { type Connector, createConnector, createListener, type Listener, type ZmqTiming } from "@orrery/zmq";

/** Lines between the members of a run: what one sends arrives whole and in order. */
export interface PeerLines {
  /** Where the others reach this member. */
  readonly address: string;
  /** Says who the others are, and who takes what they send. */
  join(addresses: readonly string[], take: (from: number, bytes: Uint8Array) => void): void;
  send(to: number, bytes: Uint8Array): void;
  close(): Promise<void>;
}

/** Options of the lines of one member. */
export interface PeerLinesOptions {
  readonly index: number;
  /** `tcp://HOST:PORT` to open; port 0 for any. */
  readonly listen: string;
  /** What every member of the run knows, and nobody else. */
  readonly token: string;
}

/** No heartbeat: a member that a debugger holds is not gone, and its process says when it is. */
const TIMING: Partial<ZmqTiming> = { heartbeatIntervalMs: 0, reconnectMaxMs: 200, lingerMs: 100 };

/** Opens the lines of a member, over ZeroMQ. @throws ZmqError when the address cannot be opened. */
export async function openPeerLines({ index, listen, token }: PeerLinesOptions): Promise<PeerLines> {
  const lines = new ZmqLines(index, token);
  await lines.open(listen);
  return lines;
}

/** Owns one socket for each direction to each other member. I1: only who knows the token is heard. */
class ZmqLines implements PeerLines {
  readonly #index: number;
  readonly #token: string;
  readonly #connectors = new Map<number, Connector>();
  readonly #early: (readonly [from: number, bytes: Uint8Array])[] = [];
  #listener: Listener | undefined;
  #take: ((from: number, bytes: Uint8Array) => void) | undefined;

  constructor(index: number, token: string) {
    this.#index = index;
    this.#token = token;
  }

  get address(): string {
    return this.#listener?.address ?? "";
  }

  async open(listen: string): Promise<void> {
    this.#listener = await createListener({
      address: listen,
      timing: TIMING,
      onConnection: (connection) => {
        const from = this.#memberOf(connection.peer.identity);
        if (from === undefined) {
          void connection.close(); // I1
          return { onMessage: () => undefined };
        }
        return { onMessage: ([bytes]) => bytes !== undefined && this.#hear(from, bytes) };
      },
    });
  }

  join(addresses: readonly string[], take: (from: number, bytes: Uint8Array) => void): void {
    const identity = new TextEncoder().encode(`${this.#token} ${this.#index}`);
    const onConnection = () => ({ onMessage: () => undefined });
    for (const [to, address] of addresses.entries()) {
      if (to === this.#index) continue;
      const connector = createConnector({ address, identity, timing: TIMING, onConnection });
      connector.connect();
      this.#connectors.set(to, connector);
    }
    this.#take = take;
    for (const [from, bytes] of this.#early.splice(0)) take(from, bytes);
  }

  send(to: number, bytes: Uint8Array): void {
    const sent = this.#connectors.get(to)?.sendMessage([bytes]);
    if (sent !== "accepted")
      throw new Error(`Cannot send a window of ${bytes.length} bytes to member ${to}: ${sent ?? "there is none"}`);
  }

  async close(): Promise<void> {
    await Promise.all([
      this.#listener?.close(),
      ...[...this.#connectors.values()].map((connector) => connector.close()),
    ]);
  }

  #hear(from: number, bytes: Uint8Array): void {
    if (this.#take === undefined) this.#early.push([from, bytes]);
    else this.#take(from, bytes);
  }

  #memberOf(identity: Uint8Array): number | undefined {
    const [token, index = ""] = new TextDecoder().decode(identity).split(" ");
    return token === this.#token && /^\d+$/.test(index) ? Number(index) : undefined;
  }
}
