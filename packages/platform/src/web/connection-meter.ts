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
  /** What comes and goes from now on is for this. */
  begin(socket: CountedSocket, used: UsedFor): void;
  /** A request was answered. */
  end(socket: CountedSocket): void;
}

/** Makes it. */
export function createConnectionMeter(meter: Meter): ConnectionMeter {
  const sockets = new Map<CountedSocket, { bytesIn: number; bytesOut: number; address: string | undefined }>();
  const count = (socket: CountedSocket) => {
    const one = sockets.get(socket);
    if (one?.address === undefined) return;
    const { bytesRead = 0, bytesWritten = 0 } = socket;
    const use = { networkIn: bytesRead - one.bytesIn, networkOut: bytesWritten - one.bytesOut };
    if (use.networkIn === 0 && use.networkOut === 0) return;
    one.bytesIn = bytesRead;
    one.bytesOut = bytesWritten;
    meter.count(one.address, use);
  };
  meter.onCollect(() => {
    for (const socket of sockets.keys()) count(socket);
  });
  return {
    open: (socket) => {
      sockets.set(socket, { bytesIn: 0, bytesOut: 0, address: undefined });
      socket.once("close", () => {
        count(socket);
        sockets.delete(socket);
      });
    },
    begin: (socket, { address, messages }) => {
      const one = sockets.get(socket);
      if (one === undefined) return;
      one.address = address;
      if (messages > 0) meter.count(address, { messages });
    },
    end: (socket) => count(socket),
  };
}
