import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { createGossipDirectory } from "@orrery/mesh";
import { createWorld } from "@orrery/sim";
import { ROOT } from "../testing/protoc.ts";

const Who = defineService("who", { ask: { request: json<object>(), reply: json<{ by: string }>() } });
const NAMES = ["a", "b", "c", "d", "e"] as const;

for (const lost of NAMES)
  test(`a network that loses node ${lost} loses that node, and nothing else`, async () => {
    const world = createWorld({ seed: 3, trace: "off", link: { latency: { kind: "uniform", minMs: 0.2, maxMs: 2 } } });
    for (const name of NAMES) {
      const who = defineComponent(Who, () => ({ ask: () => ({ by: name }) }));
      world.node(name, {
        components: [who],
        directory: () => createGossipDirectory({ seeds: ["sim://a", "sim://b"] }),
      });
    }
    await world.start();
    await world.run({ forMs: 10_000 });
    world.nodes.get(lost)?.crash();
    await world.run({ forMs: 30_000 });
    const living = NAMES.filter((name) => name !== lost);
    for (const name of living) {
      const client = world.nodes.get(name)?.life.client(Who) ?? assert.fail(name);
      const asked = living.map((shardKey) => outcomeOf(client.ask({}, { shardKey, timeoutMs: 1_000 })));
      for (const outcome of await world.settle(Promise.all(asked))) {
        assert.equal(outcome.kind, "reply", `${name} was told ${outcome.kind}`);
        if (outcome.kind === "reply") assert.notEqual(outcome.value.by, lost);
      }
    }
  });

test("no code of the network elects anybody", () => {
  const files = globSync(["packages/{core,zmq,mesh}/src/**/*.ts", "proto/**/*.proto"], { cwd: ROOT });
  assert.ok(files.length > 200, `${files.length} files`);
  const words = /\b(elect(s|ed|ion)?|leader(ship)?|quorum|paxos|raft)\b/i;
  const found = files.filter((file) => !file.includes("/gen/") && words.test(readFileSync(join(ROOT, file), "utf8")));
  assert.deepEqual(found, []);
});
