import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createTableDirectory, defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { addressWithKey, createCurveKeyPair } from "@orrery/zmq";
import { createMeshClient, createMeshNode, type MeshNodeOptions } from "../mesh-node.ts";

const Adder = defineService("adder", {
  add: { request: json<{ a: number; b: number }>(), reply: json<{ sum: number }>() },
});
const adder = defineComponent(Adder, () => ({ add: ({ a, b }) => ({ sum: a + b }) }));
const ANY = "tcp://127.0.0.1:0";

async function start(t: TestContext, options: Partial<MeshNodeOptions>) {
  const node = await createMeshNode({ components: [], listen: [ANY], seeds: [], ...options });
  await node.start();
  t.after(() => node.stop({ timeoutMs: 0 }));
  return { node, address: node.addresses[0] as string };
}

test("createMeshClient finds what it calls by a seed that does not serve it, also what comes later", async (t) => {
  const { node, address } = await start(t, {});
  const client = await createMeshClient({ seeds: [address] });
  t.after(() => client.stop());
  const early = client.client(Adder).add({ a: 1, b: 2 });
  await start(t, { components: [adder], seeds: [address] });
  assert.deepEqual(await early, { sum: 3 });
  assert.deepEqual(await node.client(Adder).add({ a: 2, b: 2 }), { sum: 4 });
  assert.deepEqual(await client.client(Adder).add({ a: 3, b: 3 }), { sum: 6 });
});

test("createMeshClient begins to look when its first message is of a range of versions, or a broadcast", async (t) => {
  const { address } = await start(t, { components: [adder] });
  const ranged = await createMeshClient({ seeds: [address] });
  t.after(() => ranged.stop());
  assert.deepEqual(await ranged.client(Adder).add({ a: 1, b: 2 }, { version: ">=0.0.0" }), { sum: 3 });
  let heard = () => {};
  const isHeard = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const News = defineService("news", { tell: { request: json<{ text: string }>(), mode: "broadcast" } });
  await start(t, { components: [defineComponent(News, () => ({ tell: () => heard() }))], seeds: [address] });
  const teller = await createMeshClient({ seeds: [address] });
  t.after(() => teller.stop());
  const timer = setInterval(() => teller.publish(News).tell({ text: "hello" }), 20);
  t.after(() => clearInterval(timer));
  await isHeard;
});

test("createMeshClient finds what it never stops calling", { timeout: 60_000 }, async (t) => {
  const Other = defineService("other", { rest: { request: json<object>(), reply: json<object>() } });
  const other = defineComponent(Other, () => ({ rest: () => ({}) }));
  const { address } = await start(t, { components: [other] });
  const client = await createMeshClient({ seeds: [address] });
  t.after(() => client.stop());
  await client.client(Other).rest({}); // It knows the network, and has nothing to look for.
  let isOver = false;
  const ask = async (): Promise<number> => {
    while (!isOver) {
      const outcome = outcomeOf(client.client(Adder).add({ a: 1, b: 2 }, { timeoutMs: 500 }));
      void outcome.then(({ kind }) => {
        isOver ||= kind === "reply";
      });
      await client.clock.sleep(10);
    }
    return client.clock.monotonic();
  };
  const asking = ask();
  await start(t, { components: [adder], seeds: [address] });
  const beganMs = client.clock.monotonic();
  t.diagnostic(`found after ${((await asking) - beganMs).toFixed(0)} ms`);
});

test("createMeshNode finds others over CURVE, whose keys stand in the addresses", async (t) => {
  const [first, second] = [createCurveKeyPair(), createCurveKeyPair()];
  const peers = [first, second].map(({ publicKey }) => ({ publicKey, agents: ["*"] }));
  const { address } = await start(t, { components: [adder], curve: { keyPair: first, peers } });
  const seeds = [addressWithKey(address, first.publicKey)];
  const { node } = await start(t, { seeds, curve: { keyPair: second, peers } });
  assert.deepEqual(await node.client(Adder).add({ a: 1, b: 2 }), { sum: 3 });
});

test("createMeshNode finds a node by the address that it advertises", async (t) => {
  const { address } = await start(t, { components: [adder], advertise: ["tcp://localhost:9"] });
  const { node } = await start(t, { seeds: [address] });
  const port = address.split(":").at(-1);
  await assert.rejects(node.client(Adder).add({ a: 1, b: 2 }, { timeoutMs: 500 }), (error: Error) => {
    assert.match(error.message, /none of its places is connected; tcp:\/\/localhost:9: /);
    assert.ok(!error.message.includes(`:${port}`));
    return true;
  });
});

test("createMeshNode refuses seeds and a directory at once", async () => {
  const directory = createTableDirectory({});
  for (const [options, what] of [
    [{ seeds: [] }, "seeds"],
    [{ viewFile: "view" }, "viewFile or advertise"],
  ] as const)
    await assert.rejects(createMeshNode({ components: [], directory, ...options }), {
      code: "invalid_argument",
      message: `Cannot make a node: it has a directory and ${what}, which are for finding nodes without one; give either`,
    });
});
