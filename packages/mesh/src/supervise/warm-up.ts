import { defineComponent, defineService, json } from "@orrery/core";
import "../host/hosted-child.ts";
import "../host/system-log-level.ts";
import { createMeshClient, createMeshNode } from "../mesh-node.ts";

const Rehearsal = defineService("rehearsal", { say: { request: json<{ n: number }>(), reply: json<{ n: number }>() } });
const rehearsal = defineComponent(Rehearsal, () => ({ say: ({ n }) => ({ n }) }));
const CALLS = 20;
const CALL_MS = 500;

/**
 * Loads what a child may need, whatever it serves, and runs it once: a node with a component that somebody calls, in this process alone. What
 * fails of that fails again in the child, if it matters.
 */
export async function warmUp(): Promise<void> {
  const listen = ["tcp://127.0.0.1:0"];
  const node = await createMeshNode({ name: "rehearsal", components: [rehearsal], operate: true, seeds: [], listen });
  const directory = { resolve: () => node.addresses, components: () => ["rehearsal"] };
  const client = await createMeshClient({ directory });
  try {
    await node.start();
    const speaker = client.client(Rehearsal);
    for (let n = 0; n < CALLS; n++) await speaker.say({ n }, { timeoutMs: CALL_MS });
  } catch {
    // Told by the child.
  }
  await client.stop();
  await node.stop({ timeoutMs: 0 });
}
