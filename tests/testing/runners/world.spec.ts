/** A modelled network in a test, under any runner that has `it`, without a plugin. Its trace's hash goes to the file ORRERY_HASH_FILE. */
import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { outcomeOf } from "@orrery/core";
import { assertHolds, createWorld, defineScenario, replay, runScenario, ScenarioFailed } from "@orrery/sim";
import { Greeter, greeter } from "./greeter.ts";

declare const it: (name: string, body: () => Promise<void>) => void;

it("a greeting is lost while the network is cut, and nobody knows whether it was said", async () => {
  await using world = createWorld({ seed: 7, link: { latency: { kind: "lognormal", medianMs: 20, sigma: 0.5 } } });
  world.node("door", { components: [greeter] });
  const visitor = world.node("visitor");
  await world.start();
  const client = visitor.life.client(Greeter);
  assert.deepEqual(await world.settle(client.greet({ name: "Ada" })), { text: "Hello Ada" });
  world.partition(["door"], ["visitor"]);
  const { kind, definite } = await world.settle(outcomeOf(client.greet({ name: "Ben" })));
  assert.deepEqual([kind, definite], ["unreachable", false]);
});

const greetings = defineScenario("greetings come back in order", {
  world: { link: { latency: 1, reorder: { share: 0.3, byMs: 10 } } },
  setup(world) {
    world.node("door", { components: [greeter] });
    const heard: string[] = [];
    world.node("visitor", {
      run: async (node) => {
        const greet = async (name: string) => {
          await node.life.client(Greeter).greet({ name });
          heard.push(name);
        };
        await Promise.all(["Ada", "Ben", "Cy", "Dee"].map(greet));
      },
    });
    return heard;
  },
  check: (heard) => heard.join() === "Ada,Ben,Cy,Dee" || heard.join(),
});

it("a scenario is explored, made small and replayed", async () => {
  const failed = await assertHolds(greetings).catch((error: unknown) => error);
  assert.ok(failed instanceof ScenarioFailed, String(failed));
  await assert.rejects(replay(greetings, failed.tape), ScenarioFailed);
});

it("a thousand runs of one seed have one hash", async () => {
  const hashes = new Set<string>();
  for (let run = 0; run < 1000; run++) hashes.add((await runScenario(greetings, { seed: 7 })).hash);
  assert.equal(hashes.size, 1);
  const file = process.env["ORRERY_HASH_FILE"];
  if (file !== undefined) appendFileSync(file, `${[...hashes].join()}\n`);
});
