import { defineComponent, defineService, json } from "@orrery/core";
import { createWorld, explore, type Scenario } from "@orrery/sim";
import { createWindow, type Program, type ProgramFactory } from "../program.ts";

/** Loaded as `orrery sim explore` loads it. */
const AUCTION = new URL("../../../examples/auction/auction.sim.ts", import.meta.url).href;
const RUNS_PER_LOOK = 50;
const NODES = 12;
const BEAT_MS = 1000;
const STEP_MS = 1000;

const Watch = defineService("watch", { beat: { request: json<{ from: string }>(), reply: json<{ beats: number }>() } });

/** How fast `examples/auction` is explored, and the time that passes in a system of 12 nodes with little to do. */
export const program: ProgramFactory = ({ variant }) => (variant === "idle" ? idle() : exploring());

async function exploring(): Promise<Program> {
  const { default: auction } = (await import(AUCTION)) as { default: Scenario };
  let seed = 1;
  return {
    async run(windowMs) {
      const isOver = createWindow(windowMs, 1);
      let runs = 0;
      let events = 0;
      do {
        const found = await explore(auction, { runs: RUNS_PER_LOOK, seed });
        if (found.failure !== undefined) throw new Error("the auction failed");
        seed += RUNS_PER_LOOK;
        runs += found.runs;
        events += found.events;
      } while (!isOver());
      return { runs, events };
    },
  };
}

/** Eleven nodes that report to a twelfth once in a second, as those of a deployment do to who watches over them. */
async function idle(): Promise<Program> {
  const world = createWorld({ seed: 1, link: { latency: { kind: "uniform", minMs: 1, maxMs: 10 } } });
  let beats = 0;
  const watch = defineComponent(Watch, () => ({ beat: async () => ({ beats: ++beats }) }));
  world.node("watch", { components: [watch] });
  for (let node = 1; node < NODES; node++) {
    world.node(`node-${node}`, {
      async run({ name, life, clock }) {
        for (;;) {
          await clock.sleep(BEAT_MS);
          await life.client(Watch).beat({ from: name });
        }
      },
    });
  }
  await world.start();
  return {
    async run(windowMs) {
      const isOver = createWindow(windowMs, 1);
      const [beforeMs, eventsBefore] = [world.elapsedMs, world.trace.length];
      do await world.run({ forMs: STEP_MS });
      while (!isOver());
      return { simulatedMs: world.elapsedMs - beforeMs, events: world.trace.length - eventsBefore };
    },
  };
}
