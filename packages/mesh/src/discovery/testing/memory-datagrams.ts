import type { Random } from "@orrery/core";
import { DATAGRAM_BYTES_MAX, type DatagramCarrier, type DatagramHost } from "../datagram-carrier.ts";

/** A network of datagrams without sockets. */
export interface DatagramNet {
  /** Makes the carrier of a node: `udp://NODE:1`. */
  carrier(node: string): DatagramCarrier;
  /** Lets no datagram through any more. */
  block(): void;
  /** Datagrams that were sent, and those of them that were lost. */
  readonly sent: number;
  readonly lost: number;
}

/** Options of a net. */
export interface DatagramNetOptions {
  readonly random: Random;
  /** Share of datagrams that is lost. Default: 0. */
  readonly loss?: number;
  /** Share of datagrams that comes twice. Default: 0. */
  readonly repeat?: number;
  /** A datagram takes up to this long, by the clock of its receiver. Default: 2. */
  readonly delayMaxMs?: number;
  /** Whether two nodes hear one another. Default: all do. */
  readonly reaches?: (from: string, to: string) => boolean;
}

/** Makes a net whose datagrams are lost, repeated and passed by others, by lot. */
export function createDatagramNet(options: DatagramNetOptions): DatagramNet {
  const { random, loss = 0, repeat = 0, delayMaxMs = 2, reaches = () => true } = options;
  const hosts = new Map<string, DatagramHost>();
  const net = { sent: 0, lost: 0, isBlocked: false };
  const deliver = (from: string, to: string, bytes: Uint8Array) => {
    const host = hosts.get(to);
    host?.clock.timer(random.next() * delayMaxMs, () => {
      if (hosts.get(to) === host) host.onDatagram(from, bytes.slice());
    });
  };
  return {
    get sent() {
      return net.sent;
    },
    get lost() {
      return net.lost;
    },
    block: () => {
      net.isBlocked = true;
    },
    carrier(node) {
      const own = `udp://${node}:1`;
      let host: DatagramHost | undefined;
      return {
        bytesMax: DATAGRAM_BYTES_MAX,
        refused: 0,
        async open(given) {
          host = given;
          hosts.set(own, given);
          return [own];
        },
        send(address, bytes) {
          const to = address.replace(/\?.*/, "");
          net.sent++;
          if (net.isBlocked || random.next() < loss || !reaches(own, to)) {
            net.lost++;
            return true;
          }
          deliver(own, to, bytes);
          if (random.next() < repeat) deliver(own, to, bytes);
          return true;
        },
        close() {
          if (hosts.get(own) === host) hosts.delete(own);
        },
      };
    },
  };
}
