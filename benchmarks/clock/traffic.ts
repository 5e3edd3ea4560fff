import { type Component, defineComponent, defineService, json } from "@orrery/core";
import { defineScenario, type World } from "@orrery/sim";

const Echo = defineService("echo", { echo: { request: json<{ n: number }>(), reply: json<{ n: number }>() } });

/** Nodes on each side, calls that each caller keeps open, and ms of the world that they go on for. */
const [pairs = 1, open = 1, forMs = 1000] = (process.env["CLOCK_TRAFFIC"] ?? "").split(" ").map(Number);

/** One service for each pair, so that half the nodes call the other half across all processes. */
function setup(world: World): void {
  for (let index = 0; index < pairs; index++) {
    const service = { ...Echo, name: `echo${index}` } as typeof Echo;
    const echo: Component = defineComponent(service, () => ({ echo: async (request) => request }));
    world.node(`caller${index}`, {
      async run({ life, clock }) {
        const client = life.client(service);
        const endMs = clock.monotonic() + forMs;
        const ask = async () => {
          for (let n = 0; clock.monotonic() < endMs; n++) await client.echo({ n });
        };
        await Promise.all(Array.from({ length: open }, ask));
      },
    });
    world.node(`echo${index}`, { components: [echo] });
  }
}

// biome-ignore lint/style/noDefaultExport: a scenario is the default export of its file.
export default defineScenario("traffic over 10 ms", { world: { link: { latency: 10 } }, setup });
