import { type CurveOptions, createDatagramBox, encodeHex, type KnownPeer, parseCurveKey } from "@orrery/zmq";
import type { DatagramCarrier, DatagramHost } from "./datagram-carrier.ts";

/** Senders that this node has sent to, whose answers it takes; those that were addressed first go. */
const ADDRESSED_MAX = 4_096;

/**
 * Seals what goes by a carrier for the key of each address, `udp://host:port?key=HEX`, and takes only what is sealed by a key that may
 * connect to this node, or that this node has sent to.
 */
export function sealDatagrams(inner: DatagramCarrier, { keyPair, peers = [] }: CurveOptions): DatagramCarrier {
  return new SealedCarrier(inner, keyPair, knownKeys(typeof peers === "function" ? peers : () => peers));
}

/** Tells the keys of peers, as letters; what is asked at each datagram is made anew only where the peers are others. */
function knownKeys(peers: () => readonly KnownPeer[]): () => ReadonlySet<string> {
  let last: readonly KnownPeer[] | undefined;
  let known: ReadonlySet<string> = new Set();
  return () => {
    const now = peers();
    if (now !== last) known = new Set(now.map(({ publicKey }) => encodeHex(publicKey)));
    last = now;
    return known;
  };
}

class SealedCarrier implements DatagramCarrier {
  readonly bytesMax: number;
  readonly #inner: DatagramCarrier;
  readonly #box: ReturnType<typeof createDatagramBox>;
  readonly #known: () => ReadonlySet<string>;
  readonly #addressed = new Set<string>();
  #refused = 0;

  constructor(inner: DatagramCarrier, keyPair: CurveOptions["keyPair"], known: () => ReadonlySet<string>) {
    this.#inner = inner;
    this.#box = createDatagramBox(keyPair);
    this.#known = known;
    this.bytesMax = inner.bytesMax - this.#box.overheadBytes;
  }

  get refused(): number {
    return this.#refused + this.#inner.refused;
  }

  open(host: DatagramHost): Promise<readonly string[]> {
    const isAllowed = (key: Uint8Array) => this.#known().has(encodeHex(key)) || this.#addressed.has(encodeHex(key));
    return this.#inner.open({
      ...host,
      onDatagram: (from, datagram) => {
        const opened = this.#box.open(datagram, isAllowed);
        if (opened === undefined) this.#refused++;
        else host.onDatagram(`${from}?key=${encodeHex(opened.from)}`, opened.bytes);
      },
    });
  }

  send(address: string, bytes: Uint8Array): boolean {
    const [, hex = ""] = address.split("?key=");
    if (hex === "") return false; // Nothing leaves this node that anybody could read.
    this.#note(hex);
    try {
      return this.#inner.send(address, this.#box.seal(bytes, parseCurveKey(hex)));
    } catch {
      return false; // What others tell as a key need not be one.
    }
  }

  close(): void {
    this.#inner.close();
  }

  #note(hex: string): void {
    if (this.#addressed.has(hex)) return;
    this.#addressed.add(hex);
    const [oldest] = this.#addressed;
    if (this.#addressed.size > ADDRESSED_MAX && oldest !== undefined) this.#addressed.delete(oldest);
  }
}
