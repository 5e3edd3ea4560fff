import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { OrreryError } from "@orrery/core";
import { POD_CONNECT_MS, POD_CONNECTIONS_MAX } from "./limits.ts";

/** Where a copy of a pod takes connections. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** What went through connections to a pod so far, in bytes. */
export interface Counted {
  /** Out of the pod. */
  readonly egressBytes: number;
  /** Into it. */
  readonly ingressBytes: number;
}

/** Connects to the copies of one pod, one after the other, and counts what goes through. Owns: its connections. */
export interface PodReach {
  /**
   * Opens a connection to a copy: where one does not take it, nothing was said to it, and the next is tried.
   * @throws OrreryError `unavailable` where none takes it, `resource_exhausted` where the pod has too many
   */
  connect(places: readonly Place[]): Promise<Socket>;
  /** Adds what went by another way, such as datagrams. */
  add(counted: Counted): void;
  counted(): Counted;
  /** Ends all connections. */
  close(): void;
}

/** Makes one without connections. */
export function createPodReach({ max = POD_CONNECTIONS_MAX }: { readonly max?: number } = {}): PodReach {
  const live = new Set<Socket>();
  let egressBytes = 0;
  let ingressBytes = 0;
  let turn = 0;
  const add = (counted: Counted) => {
    egressBytes += counted.egressBytes;
    ingressBytes += counted.ingressBytes;
  };
  const open = async (place: Place): Promise<Socket | undefined> => {
    const socket = connect({ ...place, noDelay: true });
    live.add(socket);
    socket.once("close", () => {
      live.delete(socket);
      add({ egressBytes: socket.bytesRead, ingressBytes: socket.bytesWritten });
    });
    try {
      await once(socket, "connect", { signal: AbortSignal.timeout(POD_CONNECT_MS) });
      return socket;
    } catch {
      socket.destroy();
      return undefined;
    }
  };
  return {
    connect: async (places) => {
      if (live.size >= max)
        throw new OrreryError("resource_exhausted", `Cannot connect to the pod: it has ${max} connections, the most`);
      const first = turn++;
      for (let next = 0; next < places.length; next++) {
        const place = places[(first + next) % places.length];
        const socket = place && (await open(place));
        if (socket !== undefined) return socket;
      }
      const why = places.length === 0 ? "no copy of it is well" : "no copy of it takes connections";
      throw new OrreryError("unavailable", `Cannot connect to the pod: ${why}`);
    },
    add,
    counted: () => {
      const sum = (of: (socket: Socket) => number) => [...live].reduce((total, socket) => total + of(socket), 0);
      return {
        egressBytes: egressBytes + sum(({ bytesRead }) => bytesRead),
        ingressBytes: ingressBytes + sum(({ bytesWritten }) => bytesWritten),
      };
    },
    close: () => {
      for (const socket of live) socket.destroy();
    },
  };
}
