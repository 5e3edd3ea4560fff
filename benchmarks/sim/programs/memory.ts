import { defineComponent, defineService, json } from "@orrery/core";
import { createWorld } from "@orrery/sim";
import type { ProgramFactory } from "../program.ts";

const Echo = defineService("echo", { echo: { request: json<{ n: number }>(), reply: json<{ n: number }>() } });

/** What a node takes that is up and waits: run with `--expose-gc`, in a process of its own. */
export const program: ProgramFactory = ({ size }) => ({
  async run() {
    const before = memory();
    const world = createWorld({ seed: 1 });
    const echo = defineComponent(Echo, () => ({ echo: async (request) => request }));
    const startMs = performance.now();
    for (let node = 0; node < size; node++) world.node(`node-${node}`, { components: [echo] });
    await world.start();
    const upMs = performance.now() - startMs;
    const rssBytes = process.memoryUsage().rss - before.rss;
    const heapBytes = memory().heapUsed - before.heapUsed;
    if (world.nodes.size !== size) throw new Error("some nodes are missing");
    return { nodes: size, upMs, heapBytes, rssBytes };
  },
});

function memory(): NodeJS.MemoryUsage {
  global.gc?.();
  return process.memoryUsage();
}
