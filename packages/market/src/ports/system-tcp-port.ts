import { createServer, type Socket } from "node:net";
import { type Listening, listenAt } from "../system-listen.ts";
import type { Place, PodReach } from "./system-reach-pod.ts";

/** Options of a port. */
export interface PortOptions {
  /** Where it listens; 0 for any port that is free. */
  readonly at: Place;
  readonly reach: PodReach;
  /** Copies that are well now. */
  places(): readonly Place[];
}

/** Opens a port of the provider that leads to one of a pod over TCP. @throws where it is in use */
export async function openTcpPort({ at, reach, places }: PortOptions): Promise<Listening> {
  const clients = new Set<Socket>();
  const serve = async (client: Socket) => {
    try {
      const pod = await reach.connect(places());
      client.once("close", () => pod.destroy());
      pod.once("close", () => client.destroySoon());
      pod.on("error", () => client.destroy());
      client.pipe(pod, { end: true }).pipe(client, { end: true });
    } catch {
      client.destroy(); // Nobody is there: whoever connects sees that by the end.
    }
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: false }, (client) => {
    clients.add(client);
    client.on("error", () => client.destroy());
    client.once("close", () => clients.delete(client));
    void serve(client);
  });
  const { port, close } = await listenAt(server, at);
  return {
    port,
    close: async () => {
      const closed = close();
      for (const client of clients) client.destroy();
      await closed;
    },
  };
}
