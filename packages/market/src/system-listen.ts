import { once } from "node:events";
import { Server as HttpServer } from "node:http";
import type { Server } from "node:net";

/** A socket that listens. */
export interface Listening {
  /** Of TCP; 0 for a socket that is a file. */
  readonly port: number;
  /** Takes nobody any more, ends connections of HTTP, and waits until none is left. */
  close(): Promise<void>;
}

/** Has a server listen, at a port of TCP, 0 for any that is free, or at a file. @throws where that cannot be had */
export async function listenAt(
  server: Server,
  at: { readonly host: string; readonly port: number } | { readonly path: string },
): Promise<Listening> {
  server.listen(at);
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      if (server instanceof HttpServer) server.closeAllConnections();
      await closed;
    },
  };
}
