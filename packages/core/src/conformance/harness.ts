import type { Clock } from "../clock.ts";
import type { Transport } from "../transport.ts";

/** What registers one test; the `test` of `node:test` will do. */
export type TestFunction = (
  name: string,
  options: {
    /** Why the test does not run, or false. */
    readonly skip: string | false;
    /** Longest time it may take, in ms. */
    readonly timeout: number;
  },
  run: () => Promise<void>,
) => unknown;

/** A way to a listener that can be cut, as a cable can, while both ends live on. */
export interface SeverableWay {
  /** Address to connect to. */
  readonly address: string;
  /** Breaks every connection that runs over it; new ones may be made at once. */
  sever(): void;
}

/** A connection that a stranger opened, who may send any bytes. */
export interface RawPeer {
  /** Sends bytes as one packet. */
  sendPacket(packet: Uint8Array): void;
  /** Resolves when the other side has ended the connection. */
  readonly ended: Promise<void>;
  close(): void;
}

/** What the suite needs to know of a transport and its medium. What is optional and absent is skipped, with the reason. */
export interface TransportHarness {
  readonly test: TestFunction;
  /** Makes a transport as a process of its own would; the suite closes it. Times for lingering and reconnecting should be short. */
  createTransport(): Transport;
  /** Gives an address to listen at that nobody uses. */
  freeAddress(): string | Promise<string>;
  /** Turns an address that was opened into the one to connect to. Default: the same. */
  readonly connectAddress?: (address: string) => string;
  /** Texts that are no addresses of this transport: both `listen` and `connect` must refuse them. */
  readonly badAddresses: readonly string[];
  /** Clock that the transports use. Default: the machine's. */
  readonly clock?: Clock;
  /** A body of so many bytes is refused as `too_large`. Default: there is no such limit. */
  readonly bodyBytesTooLarge?: number;
  /** Makes a way to an open address that can be cut. */
  readonly severable?: (address: string) => SeverableWay | Promise<SeverableWay>;
  /** Makes a transport that may speak for the agent "guest" only, to those that `createTransport` makes. */
  readonly createGuest?: () => Transport;
  /** Connects to an open address without a transport. */
  readonly openRaw?: (address: string) => Promise<RawPeer>;
}
