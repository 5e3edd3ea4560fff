import { createServer, type ListenOptions, type Server, type Socket } from "node:net";

/** A relay between sockets, which can be cut. */
export interface Relay {
  readonly server: Server;
  /** Ends every connection that runs over it. */
  sever(): void;
  close(): void;
}

/** Options of a relay. */
export interface RelayOptions {
  readonly listen: ListenOptions;
  /** Connects to where it leads. */
  readonly connect: () => Socket;
  /** Ends a socket when the relay is cut. */
  readonly cut: (socket: Socket) => void;
}

/** Opens a relay. Nothing keeps the process alive because of it. */
export async function openRelay({ listen, connect, cut }: RelayOptions): Promise<Relay> {
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
    const far = connect();
    keep(near, far);
    keep(far, near);
    near.pipe(far);
    far.pipe(near);
  });
  server.unref();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(listen, resolve);
  await promise;
  const sever = () => {
    for (const socket of sockets) cut(socket);
  };
  return {
    server,
    sever,
    close() {
      server.close();
      sever();
    },
  };
}
