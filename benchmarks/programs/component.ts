// The same component in TypeScript, as its author writes it: Node strips the types at each start.
import { defineComponent, defineService, json } from "@orrery/core";
import { createMeshNode } from "@orrery/mesh";

const Weather = defineService("weather", {
  today: { request: json<{ place: string }>(), reply: json<{ place: string; celsius: number }>() },
});
const weather = defineComponent(Weather, () => ({ today: async ({ place }) => ({ place, celsius: 21 }) }));
const node = await createMeshNode({ components: [weather], listen: ["tcp://127.0.0.1:0"] });
await node.start();
process.stdout.write(`ready ${node.addresses[0]}\n`);
