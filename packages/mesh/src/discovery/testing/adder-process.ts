// A process of its own: a node that finds others by gossip. Says on its output what happened, a JSON line each; ends with its input.
import { defineComponent, defineService, json } from "@orrery/core";
import { createMeshNode } from "../../mesh-node.ts";

const Adder = defineService("adder", {
  add: { request: json<{ a: number; b: number }>(), reply: json<{ sum: number; by: string }>() },
});

const [name = "", role = "", seeds = "", viewFile = ""] = process.argv.slice(2);
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const adder = defineComponent(Adder, () => ({ add: ({ a, b }) => ({ sum: a + b, by: name }) }));

const beganMs = performance.now();
const node = await createMeshNode({
  name,
  components: role === "adder" ? [adder] : [],
  listen: ["tcp://127.0.0.1:0"],
  seeds: seeds === "" ? [] : seeds.split(","),
  ...(viewFile !== "" && { viewFile }),
});
await node.start();
say({ address: node.addresses[0] });
if (role === "caller") {
  const reply = await node.client(Adder).add({ a: 1, b: 2 });
  say({ reply, tookMs: performance.now() - beganMs });
}
process.stdin.on("data", async () => {
  const reply = await node.client(Adder).add({ a: 1, b: 2 }, { timeoutMs: 20_000 });
  say({ reply });
});
process.stdin.on("end", () => void node.stop({ timeoutMs: 0 }).then(() => process.exit(0)));
