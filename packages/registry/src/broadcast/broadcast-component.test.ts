import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, fromJson, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { createLog, createSystemClock, discardLog, isOrreryError, type JsonValue } from "@orrery/core";
import { createWorld, type ModelNode, type World } from "@orrery/sim";
import { openTestRegistry } from "../conformance/test-registry.ts";
import { BroadcastService, SendRequestSchema } from "../gen/orrery/registry/v1/broadcast_pb.ts";
import { createBroadcastComponent } from "./broadcast-component.ts";
import { BROADCAST_KIND } from "./broadcast-kind.ts";
import { createBroadcasts } from "./create-broadcasts.ts";

const address = "demo.test:news";
const log = createLog({ sink: discardLog, now: () => 0, fields: {} });

/** A node that relays, and three that watch, one of which may be crashed. */
async function makeWorld(seed: number): Promise<{ world: World; node: (name: string) => ModelNode }> {
  const world = createWorld({ seed, link: { latency: { kind: "uniform", minMs: 1, maxMs: 9 } } });
  const registry = await openTestRegistry({ kinds: [BROADCAST_KIND], operators: ["operator"] });
  await registry.create({ address: "demo.test", kind: "Space" }, { agent: "operator" });
  await registry.create({ address, kind: "Broadcast" }, { agent: "operator" });
  const broadcasts = await createBroadcasts({ registry, clock: createSystemClock(), log });
  world.node("registry", { components: () => [createBroadcastComponent(broadcasts)] });
  const nodes = new Map(["w1", "w2", "w3", "sender"].map((name) => [name, world.node(name, { agent: "operator" })]));
  await world.start();
  return { world, node: (name) => nodes.get(name) as ModelNode };
}

const say = ({ world, node }: Awaited<ReturnType<typeof makeWorld>>, message: JsonValue) => {
  const request = create(SendRequestSchema, {
    address,
    method: "Say",
    message: fromJson(ValueSchema, message as never),
  });
  return world.settle(node("sender").life.client(BroadcastService).send(request));
};

describe("createBroadcastComponent", () => {
  it("relays any JSON to watchers at other nodes, and goes on when one of them crashes", async () => {
    const made = await makeWorld(1);
    const { world, node } = made;
    const said = [{ a: [1, { b: null }], c: "ü" }, "hi", 4.5, null, [true]];
    const got: JsonValue[][] = [[], [], []];
    let begun = 0;
    for (const [at, name] of ["w1", "w2", "w3"].entries()) {
      void (async () => {
        for await (const { message } of node(name).life.client(BroadcastService).follow({ address })) {
          if (message === undefined) begun++;
          else got[at]?.push(toJson(ValueSchema, message.message as never) as JsonValue);
        }
      })().catch((error: unknown) => assert.ok(isOrreryError(error)));
    }
    await world.until(() => begun === 3);
    const { watchers, relayed, missed } = await say(made, said[0] as JsonValue);
    assert.deepEqual([watchers, relayed, missed], [3, 3, 0]);
    node("w3").crash();
    for (const message of said.slice(1)) await say(made, message);
    await world.until(() => got[0]?.length === said.length && got[1]?.length === said.length);
    assert.deepEqual(got.slice(0, 2), [said, said]);
    await world.run({ forMs: 60_000 }); // The transport has noticed by then.
    assert.equal((await say(made, "last")).watchers, 2);
  });

  it("says on a quiet watch that it is still there", async () => {
    const { world, node } = await makeWorld(2);
    let items = 0;
    void (async () => {
      for await (const { message, missed } of node("w1").life.client(BroadcastService).follow({ address }))
        if (message === undefined && missed === 0) items++;
    })().catch(() => undefined);
    await world.run({ forMs: 150_000 });
    assert.equal(items, 1 + 7);
  });
});
