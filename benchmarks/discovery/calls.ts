// What it costs a call to be sent by discovery, version, horizon, throttle, breaker and balance, beside the same call to fixed addresses.
import { fileURLToPath } from "node:url";
import { type LineProcess, startLines } from "./line-process.ts";

const SERVER = fileURLToPath(new URL("./call-server.ts", import.meta.url));
const CLIENT = fileURLToPath(new URL("./call-client.ts", import.meta.url));

/** Calls to some places, with some under way at once: time of a call in ns. */
export interface CallCost {
  readonly places: number;
  readonly lanes: number;
  readonly fixed: number;
  readonly found: number;
}

/** Measures calls to places that are processes of their own: medians of rounds that take turns. */
export async function measureCalls(places: number, lanes: number, rounds: number): Promise<CallCost> {
  const servers: LineProcess[] = [];
  const addresses: string[] = [];
  try {
    for (let index = 0; index < places; index++) {
      const server = startLines(SERVER, addresses.slice(0, 1));
      servers.push(server);
      addresses.push(await server.line());
    }
    const client = startLines(CLIENT, [`${rounds}`, `${lanes}`, ...addresses]);
    servers.push(client);
    return { places, lanes, ...(JSON.parse(await client.line()) as { fixed: number; found: number }) };
  } finally {
    for (const { child } of servers) child.kill("SIGKILL");
  }
}
