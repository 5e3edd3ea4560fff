// A process that serves `echo` and is found by gossip. Prints its address, and ends when it is killed.
import { defineComponent, defineService, json } from "@orrery/core";
import { createMeshNode } from "@orrery/mesh";

const [seed = ""] = process.argv.slice(2);
const Echo = defineService("echo", { say: { request: json<{ text: string }>(), reply: json<{ text: string }>() } });
const echo = defineComponent(Echo, () => ({ say: (request) => request }), { version: "1.4.0", instances: 4 });
const node = await createMeshNode({
  components: [echo],
  listen: ["tcp://127.0.0.1:0"],
  seeds: seed === "" ? [] : [seed],
});
await node.start();
process.stdout.write(`${node.addresses[0]}\n`);
