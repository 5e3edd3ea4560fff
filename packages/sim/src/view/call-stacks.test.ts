import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent, defineService, json } from "@orrery/core";
import { createWorld } from "../world/create-world.ts";
import { callStacksOf, tellCallStacks } from "./call-stacks.ts";
import { recordingOf } from "./recording.ts";

const next = { go: { request: json<Record<string, never>>(), reply: json<Record<string, never>>() } };
const services = ["one", "two", "three", "four"].map((name) => defineService(name, next));

test("callStacksOf stitches a call over five nodes together", async () => {
  const world = createWorld({ link: { latency: 1 }, trace: "keep" });
  for (const [index, service] of services.entries()) {
    const following = services[index + 1];
    const component = defineComponent(service, () => ({
      async go(_request, context) {
        if (following === undefined) await context.clock.sleep(1000);
        else await context.client(following).go({});
        return {};
      },
    }));
    world.node(`at-${service.name}`, { components: [component] });
  }
  const visitor = world.node("visitor");
  await world.start();
  const [first = assert.fail()] = services;
  const call = visitor.life.client(first).go({});
  await world.run({ forMs: 100 });
  const [stack = [], ...others] = callStacksOf(recordingOf(world));
  assert.equal(others.length, 0);
  const calls = stack.map(({ call: name }) => name.replace(/ \d+$/, ""));
  assert.deepEqual(calls, ["four.go", "three.go", "two.go", "one.go"]);
  assert.match(
    tellCallStacks([stack])[0] ?? "",
    /^four\.go \d+ is handled by four\.0-\w+ of at-four, called by three\.0-\w+ of at-three at \d+/,
  );
  assert.equal(stack.at(-1)?.caller, "visitor");
  await world.settle(call);
  assert.deepEqual(callStacksOf(recordingOf(world)), []);
});
