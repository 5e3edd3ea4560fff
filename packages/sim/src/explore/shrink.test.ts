import assert from "node:assert/strict";
import { test } from "node:test";
import { defineScenario } from "../scenario.ts";
import { explore } from "./explore.ts";

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
