// A process on a host that serves `echo` at an address, calls it at others that it is told, and says who answered and by which carrier.
import { createInterface } from "node:readline";
import { createTableDirectory, defineComponent, defineService, json } from "@orrery/core";
import { createMeshNode } from "@orrery/mesh";

/** Who answered a call to an address, and how it went there. */
export interface Answered {
  readonly by: string;
  readonly carrier: string;
}

const Echo = defineService("echo", { say: { request: json<null>(), reply: json<{ by: string }>() } });

const [name = "", listen = ""] = process.argv.slice(2);
const node = await createMeshNode({
  name,
  components: [defineComponent(Echo, () => ({ say: () => ({ by: name }) }))],
  listen: [listen],
});
await node.start();
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
say({ address: node.addresses[0] });

for await (const line of createInterface({ input: process.stdin })) say(await callAt(JSON.parse(line).at));
await node.stop({ timeoutMs: 0 });

async function callAt(address: string): Promise<Answered> {
  const caller = await createMeshNode({ components: [], directory: createTableDirectory({ echo: [address] }) });
  const { by } = await caller.client(Echo).say(null, { timeoutMs: 10_000 });
  const [peer] = caller.peers();
  await caller.stop({ timeoutMs: 0 });
  return { by, carrier: peer?.carrier ?? "" };
}
