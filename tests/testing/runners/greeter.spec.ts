/** A component's test that runs as it is under every runner which has `it`: node:test, Vitest, Mocha, Jest. */
import assert from "node:assert/strict";
import { createNode, outcomeOf } from "@orrery/core";
import { Greeter, greeter } from "./greeter.ts";

declare const it: (name: string, body: () => Promise<void>) => void;

it("greeter greets by name", async () => {
  await using node = createNode({ components: [greeter] });
  await node.start();
  assert.deepEqual(await node.client(Greeter).greet({ name: "Ada" }), { text: "Hello Ada" });
});

it("greeter refuses nobody", async () => {
  await using node = createNode({ components: [greeter] });
  await node.start();
  const outcome = await outcomeOf(node.client(Greeter).greet({ name: "" }));
  assert.equal(outcome.kind, "error");
});
