import assert from "node:assert/strict";
import { test } from "node:test";
import { outcomeOf } from "@orrery/core";
import { Counter, counter } from "../testing/shop.ts";
import { explore } from "./explore.ts";
import { defineScenario } from "./scenario.ts";

/** Tries again until an answer comes within its time, beside a node that has something to do every 20 ms. */
const patient = defineScenario("an answer comes in the end", {
  setup(world) {
    world.node("server", { components: [counter] });
    let isDone = false;
    world.node("busy", {
      async run(node) {
        while (!isDone) await node.clock.sleep(20);
      },
    });
    world.node("client", {
      async run(node) {
        const ask = () => outcomeOf(node.life.client(Counter).add({ by: 1 }, { timeoutMs: 30 }));
        while ((await ask()).kind !== "reply");
        isDone = true;
      },
    });
  },
});

test("explore lets an answer come in the end that a strategy could keep from coming in time for ever", async () => {
  const { failure } = await explore(patient, { strategies: ["pct"], runs: 100, slackMs: 500 });
  assert.equal(failure, undefined);
});
