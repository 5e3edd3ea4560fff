import assert from "node:assert/strict";
import { test } from "node:test";
import { outcomeOf } from "@orrery/core";
import { Counter, counter } from "../testing/shop.ts";
import { explore } from "./explore.ts";
import { defineScenario } from "./scenario.ts";

test("explore does not watch for long what goes on for ever where a node is left out", async () => {
  let looks = 0;
  const polling = defineScenario("a poller that waits for another node", {
    setup(world) {
      const it = { isDone: false };
      world.node("worker", {
        async run(node) {
          await node.clock.sleep(100);
          it.isDone = true;
        },
      });
      world.node("poller", {
        async run(node) {
          for (; !it.isDone; looks++) await node.clock.sleep(10);
        },
      });
      return it;
    },
    check: ({ isDone }) => !isDone,
  });
  const { tape } = await explore(polling, { runs: 1 });
  assert.deepEqual(tape?.absent, ["poller"]);
  assert.ok(looks > 100 && looks < 5000, `looked ${looks} times`);
});

test("explore leaves out no node whose absence alone breaks the rule", async () => {
  const work = defineScenario("every addition is answered", {
    faults: ["clog"],
    setup(world) {
      const it = { isAnswered: true };
      world.node("counter", { components: [counter] });
      world.node("client", {
        async run(node) {
          await node.clock.sleep(100);
          const { kind } = await outcomeOf(node.life.client(Counter).add({ by: 1 }, { timeoutMs: 50 }));
          it.isAnswered = kind === "reply";
        },
      });
      world.node("bystander", { run: (node) => node.clock.sleep(100) });
      return it;
    },
    check: ({ isAnswered }) => isAnswered,
  });
  const { tape } = await explore(work, { strategies: ["seeds"], runs: 200 });
  assert.deepEqual(tape?.absent, ["bystander"]);
  assert.ok(tape.faults.length > 0, "a fault is what it takes");
});
