import assert from "node:assert/strict";
import { test } from "node:test";
import { lostUpdate } from "../testing/lost-update.ts";
import { assertSpreads } from "./assert-spreads.ts";
import { defineScenario } from "./scenario.ts";

test("assertSpreads finds the same run in one process and in several", async () => {
  const hashes = new Set<string>();
  for (const members of [1, 2, 4]) hashes.add(await assertSpreads(lostUpdate, { members, seed: 5 }));
  assert.equal(hashes.size, 1);
});

test("assertSpreads names where nodes share what no message carries", async () => {
  const sharing = defineScenario("sharing", {
    world: { link: { latency: 5 } },
    setup(world) {
      let turns = 0;
      for (const name of ["a", "b"])
        world.node(name, {
          async run(node) {
            await node.clock.sleep(name === "a" ? 1 : 10);
            turns++;
            await node.clock.sleep(turns);
          },
        });
    },
  });
  await assert.rejects(assertSpreads(sharing), {
    code: "aborted",
    message: /in one process came timer "" at b at 12 ms, and in several timer "" at b at 11 ms; something that they/,
  });
});

test("assertSpreads refuses what it cannot spread", async () => {
  const driven = defineScenario("driven", { setup: () => undefined, run: (world) => world.run() });
  await assert.rejects(assertSpreads(driven), { message: /its run drives the world from outside/ });
  const near = defineScenario("near", {
    world: { link: { latency: 0 } },
    setup(world) {
      for (const name of ["a", "b"]) world.node(name);
    },
  });
  await assert.rejects(assertSpreads(near), { code: "failed_precondition" });
});
