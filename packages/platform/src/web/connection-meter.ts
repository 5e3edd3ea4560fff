import type { Duplex } from "node:stream";
import type { Meter } from "@orrery/registry";

/** For what a request counts. */
export interface UsedFor {
  readonly address: string;
  /** How many messages it is: none where somebody else counts it as one. */
  readonly messages: 0 | 1;
}

/** A connection, as far as it is counted. */
export interface CountedSocket extends Pick<Duplex, "once"> {
  readonly bytesRead?: number;
  readonly bytesWritten?: number;
}

/**
 * Counts the bytes of connections, headers and all, for what the requests on them lead to. Owns: what it has counted of each that is open.
 * I1: each byte counts once, for the last that was known to be asked for; those of connections that led to nothing count for nobody.
 */
export interface ConnectionMeter {
  /** A connection is there. */
  open(socket: CountedSocket): void;
  /** What comes and goes from now on, and what came since the last request was answered, is for this; undefined for nobody. */
  begin(socket: CountedSocket, used: UsedFor | undefined): void;
  /** A request was answered. */
  end(socket: CountedSocket): void;
}

/** What was counted of a connection, and for whom it is; nobody knows that before the first request was looked at. */
interface Counted {
  bytesIn: number;
  bytesOut: number;
  address: string | undefined;
  isUnknown: boolean;
}

/** Makes it. */
export function createConnectionMeter(meter: Meter): ConnectionMeter {
  const sockets = new Map<CountedSocket, Counted>();
  const count = (socket: CountedSocket) => {
    const one = sockets.get(socket);
    if (one === undefined || one.isUnknown) return;
    const { bytesRead = 0, bytesWritten = 0 } = socket;
    const use = { networkIn: bytesRead - one.bytesIn, networkOut: bytesWritten - one.bytesOut };
    if (use.networkIn === 0 && use.networkOut === 0) return;
    one.bytesIn = bytesRead;
    one.bytesOut = bytesWritten;
    if (one.address !== undefined) meter.count(one.address, use);
  };
  meter.onCollect(() => {
    for (const socket of sockets.keys()) count(socket);
  });
  return {
    open: (socket) => {
      sockets.set(socket, { bytesIn: 0, bytesOut: 0, address: undefined, isUnknown: true });
      socket.once("close", () => {
        count(socket);
        sockets.delete(socket);
      });
    },
    begin: (socket, used) => {
      const one = sockets.get(socket);
      if (one === undefined) return;
      one.isUnknown = false;
      one.address = used?.address;
      if (used !== undefined && used.messages > 0) meter.count(used.address, { messages: used.messages });
    },
    end: (socket) => count(socket),
  };
}
