import { connect, createServer, type Socket } from "node:net";

/** A way to a TCP listener over a relay, which can be cut. */
export interface TcpWay {
  readonly port: number;
  /** Breaks every connection that runs over it, without a word to either side. */
  sever(): void;
  close(): void;
}

/** Opens a relay to a port of this machine. Nothing keeps the process alive because of it. */
export async function createTcpWay(targetPort: number): Promise<TcpWay> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket, other: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
  };
  const server = createServer((near) => {
    const far = connect({ host: "127.0.0.1", port: targetPort, noDelay: true });
    keep(near, far);
    keep(far, near);
    near.pipe(far);
    far.pipe(near);
  });
  server.unref();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const sever = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as { port: number }).port,
    sever,
    close() {
      server.close();
      sever();
    },
  };
}
