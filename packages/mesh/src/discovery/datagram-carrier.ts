import type { Clock } from "@orrery/core";

/** What a carrier of datagrams is given. */
export interface DatagramHost {
  /** Addresses that the node has opened for connections. */
  readonly opened: readonly string[];
  readonly clock: Clock;
  /** Takes a datagram, with the address at which its sender is answered. */
  readonly onDatagram: (from: string, bytes: Uint8Array) => void;
}

/** Carries single messages, each of which may be lost, repeated or late. Addresses are `udp://host:port`. */
export interface DatagramCarrier {
  /** Bytes of the largest datagram. */
  readonly bytesMax: number;
  /** Datagrams that came and were not taken: nothing vouches for them. */
  readonly refused: number;
  /** Opens, beside what the node has opened, and gives the addresses at which it hears; none where it cannot. */
  open(host: DatagramHost): Promise<readonly string[]>;
  /** Sends a datagram, which may be lost; false when it is certain that it goes nowhere. */
  send(address: string, bytes: Uint8Array): boolean;
  close(): void;
}

/** Bytes of the largest datagram: a packet of Ethernet, less what IP, UDP and tunnels put around it. */
export const DATAGRAM_BYTES_MAX = 1_400;
