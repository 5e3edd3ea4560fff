import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { outcomeOf } from "@orrery/core";
import { createWorld, type World } from "@orrery/sim";
import { openEmptyDatabase } from "../conformance/test-registry.ts";
import { createRegistry } from "../create-registry.ts";
import { RegistryService, Strategy } from "../gen/orrery/registry/v1/registry_pb.ts";
import { createSecretBox, createSecretKey } from "../system-secret-box.ts";
import { createRegistryComponent } from "./registry-component.ts";

/** A node that keeps a registry, and nodes of agents that use it. */
async function makeWorld(seed: number): Promise<{ world: World; as(agent: string): ReturnType<typeof clientOf> }> {
  const database = await openEmptyDatabase();
  const secrets = createSecretBox([createSecretKey()]);
  const world = createWorld({ seed, latencyMs: { from: 1, to: 9 } } as never);
  world.node("registry", {
    components: () => [
      createRegistryComponent(({ clock, random }) => createRegistry({ database, clock, random, secrets })),
    ],
  });
  const nodes = new Map(["operator", "ann", "bob"].map((agent) => [agent, world.node(`of-${agent}`, { agent })]));
  await world.start();
  return { world, as: (agent) => clientOf(nodes.get(agent) as never) };
}

const clientOf = (node: ReturnType<World["node"]>) => node.life.client(RegistryService);

describe("createRegistryComponent", () => {
  it("serves a registry to a modelled network, to each agent what it may do", async () => {
    const { world, as } = await makeWorld(3);
    const operator = as("operator");
    await world.settle(operator.create({ address: "demo.test", kind: "Space", properties: { title: "Hi" } }));
    await world.settle(
      operator.create({ address: "demo.test:b", kind: "Base", owner: "ann", strategy: Strategy.ENSURE }),
    );
    const { resource } = await world.settle(as("ann").get({ address: "demo.test:b" }));
    assert.deepEqual([resource?.kind, resource?.owner, resource?.revision], ["Base", "ann", 2n]);
    const refused = await world.settle(outcomeOf(as("bob").get({ address: "demo.test:b" })));
    assert.equal(refused.kind === "reply" ? "" : refused.error.code, "permission_denied");
    const { why } = await world.settle(operator.can({ agent: "ann", verb: "write", address: "demo.test:b" }));
    assert.equal(why, "ann owns demo.test:b");
    const { token } = await world.settle(as("ann").lock({ address: "demo.test:b", ttlMs: 1_000n }));
    const locked = await world.settle(
      outcomeOf(operator.change({ address: "demo.test:b", properties: { title: "x" } })),
    );
    assert.equal(locked.kind === "reply" ? "" : locked.error.code, "aborted");
    await world.settle(as("ann").change({ address: "demo.test:b", properties: { title: "x" }, options: { token } }));
    await world.run({ forMs: 1_000 });
    await world.settle(operator.change({ address: "demo.test:b", removedProperties: ["title"] }));
    const { resources } = await world.settle(operator.list({ selector: "**" }));
    assert.deepEqual(
      resources.map(({ address, properties }) => [address, properties]),
      [
        ["demo.test", { title: "Hi" }],
        ["demo.test:b", {}],
      ],
    );
    const { kinds } = await world.settle(operator.kinds({}));
    assert.ok(kinds.some(({ name, parents }) => name === "Space" && parents.join() === "root"));
  });

  it("streams every change to a watcher, who goes on where it was", async () => {
    const { world, as } = await makeWorld(4);
    const operator = as("operator");
    await world.settle(operator.create({ address: "demo.test", kind: "Space" }));
    const seen: string[] = [];
    const watching = (async () => {
      for (let after = 1n; seen.length < 30; )
        for await (const change of operator.watch({ selector: "demo.test:*", after })) {
          if (change.parts.length === 0) continue;
          seen.push(`${change.revision} ${change.parts.join()} ${change.resource?.address}`);
          after = change.revision;
          if (seen.length % 7 === 0 || seen.length === 30) break;
        }
    })();
    await world.settle(
      Promise.all(Array.from({ length: 30 }, (_, n) => operator.create({ address: `demo.test:b${n}`, kind: "Base" }))),
    );
    await world.settle(watching);
    assert.deepEqual(
      seen.map((one) => Number(one.split(" ")[0])),
      Array.from({ length: 30 }, (_, n) => n + 2),
    );
  });

  it("says on a quiet watch that it is still there", async () => {
    const { world, as } = await makeWorld(6);
    await world.settle(as("operator").create({ address: "demo.test", kind: "Space" }));
    const told = (async () => {
      const parts: string[] = [];
      for await (const change of as("operator").watch({ selector: "**" })) {
        parts.push(`${change.revision} ${change.parts.join()}`);
        if (parts.length === 8) break;
      }
      return parts;
    })();
    await world.run({ forMs: 150_000 });
    await world.settle(as("operator").create({ address: "other.test", kind: "Space" }));
    assert.deepEqual(await world.settle(told), [...Array.from({ length: 7 }, () => "1 "), "2 added"]);
  });

  it("is the same from the same seed", async () => {
    const runs: string[] = [];
    for (let run = 0; run < 2; run++) {
      const { world, as } = await makeWorld(5);
      await world.settle(as("operator").create({ address: "demo.test", kind: "Space" }));
      await world.settle(
        Promise.all(
          Array.from({ length: 20 }, (_, n) => as("operator").create({ address: `demo.test:b${n}`, kind: "Base" })),
        ),
      );
      runs.push(world.trace.hash);
    }
    assert.equal(runs[0], runs[1]);
  });
});
