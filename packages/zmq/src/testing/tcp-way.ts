import { connect } from "node:net";
import { openRelay } from "./relay.ts";

/** A way to a TCP listener over a relay, which can be cut. */
export interface TcpWay {
  readonly port: number;
  /** Breaks every connection that runs over it, without a word to either side. */
  sever(): void;
  close(): void;
}

/** Opens a relay to a port of this machine. Nothing keeps the process alive because of it. */
export async function createTcpWay(targetPort: number): Promise<TcpWay> {
  const { server, sever, close } = await openRelay({
    listen: { port: 0, host: "127.0.0.1" },
    connect: () => connect({ host: "127.0.0.1", port: targetPort, noDelay: true }),
    cut: (socket) => socket.resetAndDestroy(),
  });
  return { port: (server.address() as { port: number }).port, sever, close };
}
