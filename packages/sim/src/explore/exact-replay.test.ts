import assert from "node:assert/strict";
import { test } from "node:test";
import { outcomeOf } from "@orrery/core";
import { setupMarket } from "../testing/market.ts";
import { Counter, counter } from "../testing/shop.ts";
import type { World } from "../world/world.ts";
import { explore, STRATEGIES } from "./explore.ts";
import { runScenario } from "./run-scenario.ts";
import { defineScenario, type Scenario } from "./scenario.ts";
import { packTape, unpackTape } from "./script.ts";

const SEEDS = 20;
const NODES = 8;
const FAULTS = ["crash", "partition", "clog", "pause", "slow", "loss", "reorder", "jump"] as const;

/** Every node does several things at once, each of which sets timers that are due in another order than that in which they are set. */
function setupBeats(world: World): void {
  const names = Array.from({ length: NODES }, (_, index) => `node-${index}`);
  for (const [index, name] of names.entries()) {
    world.node(name, {
      components: index % 2 === 0 ? [counter] : [],
      async run({ life, clock }) {
        const draw = world.draw(name);
        const beat = async (periodMs: number) => {
          for (let count = 0; count < 6; count++) {
            await clock.sleep(periodMs + draw.integer(periodMs));
            await outcomeOf(life.client(Counter).wait({ ms: draw.integer(20) }, { timeoutMs: 10 + draw.integer(300) }));
          }
        };
        await Promise.all([50, 5, 17].map(beat));
      },
    });
  }
}

/** From its second run on, a scenario fails with a word that no other run would say: the hash of all that happened. */
function tellsItsHash(name: string, setup: (world: World) => unknown): Scenario {
  let runs = 0;
  return defineScenario<unknown>(name, {
    world: { link: { latency: { kind: "uniform", minMs: 0.2, maxMs: 6 } }, startWithinMs: 50 },
    setup(world) {
      runs++;
      setup(world);
    },
    async run(world) {
      await world.start();
      await world.run({ forMs: 2_000 });
    },
    check: (_it, world) => runs === 1 || `${world.elapsedMs} ms, ${world.trace.hash}`,
    faults: FAULTS,
    leaks: "ignore",
  });
}

const SETUPS = { market: (world: World) => setupMarket(world, { visitors: 6 }), beats: setupBeats };

for (const strategy of STRATEGIES)
  for (const [name, setup] of Object.entries(SETUPS))
    test(`replay of what ${strategy} found in ${name} ends the same way, ${SEEDS} times of ${SEEDS}`, async () => {
      let putOff = 0;
      for (let index = 0; index < SEEDS; index++) {
        const scenario = tellsItsHash(name, setup);
        const seed = 1 + 10 * index;
        const { found, failure } = await explore(scenario, { strategies: [strategy], runs: 50, seed, shrinkRuns: 0 });
        assert.ok(found && failure, "it fails, and the tape is there");
        const again = await runScenario(scenario, { tape: unpackTape(packTape(found)) });
        assert.deepEqual(said(again), said({ failure }), `seed ${seed}`);
        putOff += Object.keys(found.delays).length;
      }
      assert.ok(strategy === "seeds" || putOff > SEEDS / 2, `${putOff} were put off`);
    });

function said({ failure }: { readonly failure: { readonly message: string; readonly events: number } | undefined }) {
  return [failure?.message, failure?.events];
}
