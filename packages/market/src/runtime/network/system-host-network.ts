import { createServer } from "node:net";
import { OrreryError } from "@orrery/core";
import { type CopyNetwork, type PodNetworks, portVariables } from "./pod-network.ts";

const HOST = "127.0.0.1";

/** Networks that are the machine's own: each port of a copy becomes a free one of the machine, which variables tell. */
export function createHostNetworks(because: string, nameServers: readonly string[]): PodNetworks {
  const lacks = [
    `pods have the machine's network, reach what listens on it, and are to listen at PORT, or at PORT_<number> for each port: ${because}`,
  ];
  const open = async (ports: readonly number[], { isOffline = false } = {}): Promise<CopyNetwork> => {
    if (isOffline) throw new OrreryError("failed_precondition", `Cannot close the Internet to a pod: ${because}`);
    const free = new Map<number, number>();
    for (const port of ports) free.set(port, await freePort());
    const listenAt = (port: number) => free.get(port) ?? port;
    return {
      nameSpace: undefined,
      env: portVariables(ports, listenAt),
      reach: (port) => ({ host: HOST, port: listenAt(port) }),
      traffic: () => undefined,
      close: async () => {},
    };
  };
  return { lacks, nameServers, open, sweep: async () => {}, close: async () => {} };
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
