import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent } from "../component.ts";
import { createSeededRandom } from "../conformance/seeded-random.ts";
import { createTableDirectory } from "../directory.ts";
import { createMemoryHub } from "../memory-transport.ts";
import { createNode, type Node } from "../node.ts";
import { outcomeOf } from "../outcome.ts";
import { createGate } from "../testing/gate.ts";
import { namedTransport } from "../testing/named-transport.ts";
import { Any, Shop } from "../testing/services.ts";
import type { Transport } from "../transport.ts";
import type { CarrierPlan } from "./carrier-plan.ts";

/** Two nodes, each with a carrier `near`, where bodies cross as values, and one `far`, where they are bytes. */
function twoCarriers() {
  const hubs = { near: createMemoryHub(), far: createMemoryHub() };
  const near = (): Transport => namedTransport("near", hubs.near.transport());
  const far = (): Transport => namedTransport("far", hubs.far.transport({ bodies: "bytes" }));
  return { hubs, near, far };
}

const gates = { entered: createGate(), left: createGate() };

const shop = defineComponent(Shop, () => ({
  async buy({ item, count = 1 }) {
    if (item === "slow") {
      gates.entered.open();
      await gates.left.passed;
    }
    if (item === "bad") throw new Error("sold out");
    return { total: count * 2 };
  },
  note: () => undefined,
  async *watch({ upTo }) {
    for (let at = 1; at <= upTo; at++) yield { at };
  },
  close: () => undefined,
}));

const PLACE = "far://shop|near://shop";

function caller(transports: readonly Transport[], carriers?: CarrierPlan): Node {
  return createNode({
    name: "caller",
    components: [],
    transports,
    directory: createTableDirectory({ shop: [carriers === undefined ? PLACE : "far://shop"] }),
    ...(carriers && { carrierPlan: carriers }),
  });
}

function server(transports: readonly Transport[], listen = ["near://shop", "far://shop"]): Node {
  return createNode({ name: "server", components: [shop], transports, listen });
}

function routes(node: Node) {
  return node.peers().map(({ carrier, punted }) => [carrier, ...punted.map(({ reason }) => reason)]);
}

const NOBODY = 'nobody listens at "memory://shop" in this process';

test("CarrierStack goes by the first carrier of the node that leads to a place, by one connection", async () => {
  const { near, far } = twoCarriers();
  await using there = server([near(), far()]);
  await there.start();
  await using here = caller([near(), far()]);
  for (let i = 0; i < 3; i++) assert.deepEqual(await here.client(Shop).buy({ item: "tea" }), { total: 2 });
  assert.deepEqual(routes(here), [["near"]]);
  assert.equal(there.peers().length, 1);
});

test("CarrierStack finds what a plan has nearer than an address, and opens what it has beside one", async () => {
  const { near, far } = twoCarriers();
  const nearer = (address: string) => [address.replace("far:", "near:")];
  const plan: CarrierPlan = { nearer, beside: nearer };
  await using there = createNode({
    name: "server",
    components: [shop],
    transports: [near(), far()],
    listen: ["far://shop"],
    carrierPlan: plan,
  });
  await there.start();
  assert.deepEqual(there.addresses, ["far://shop"]);
  await using here = caller([near(), far()], plan);
  await here.client(Shop).buy({ item: "tea" });
  assert.deepEqual(routes(here), [["near"]]);
});

test("CarrierStack says why a carrier was punted, and goes by the next", async () => {
  const { near, far } = twoCarriers();
  await using there = server([far()], ["far://shop"]);
  await there.start();
  await using here = caller([near(), far()]);
  assert.deepEqual(await here.client(Shop).buy({ item: "tea" }), { total: 2 });
  assert.deepEqual(routes(here), [["far", NOBODY]]);
});

test("CarrierStack tries the better carrier before a byte goes by the one that came up first", async () => {
  const { near, far } = twoCarriers();
  await using here = caller([near(), far()]);
  const waiting = [1, 2, 3].map((count) => here.client(Shop).buy({ item: "tea", count }));
  const asked = here.ping(PLACE);
  await using there = server([near(), far()]);
  await there.start();
  assert.ok((await asked).roundTripMs >= 0);
  assert.deepEqual(await Promise.all(waiting), [{ total: 2 }, { total: 4 }, { total: 6 }]);
  assert.deepEqual(routes(here), [["near"]]);
  assert.equal(there.peers().length, 1);
});

test("CarrierStack takes what has not left to the carrier below when one fails, and ends what has left", async () => {
  const { near, far } = twoCarriers();
  const carried = near();
  await using there = server([carried, far()]);
  await there.start();
  await using here = caller([near(), far()]);
  const client = here.client(Shop);
  const slow = outcomeOf(client.buy({ item: "slow" }));
  await gates.entered.passed;
  const unsent = [1, 2, 3].map((count) => client.buy({ item: "tea", count }));
  await carried.close();
  const lost = await slow;
  assert.equal(lost.kind === "reply" ? "" : lost.error.reason, "connection_lost");
  assert.equal(lost.definite, false);
  gates.left.open();
  assert.deepEqual(await Promise.all(unsent), [{ total: 2 }, { total: 4 }, { total: 6 }]);
  assert.deepEqual(routes(here), [["far", NOBODY]]);
});

test("CarrierStack goes back to a better carrier when the lower one is lost", async () => {
  const { near, far, hubs } = twoCarriers();
  await using there = server([far()], ["far://shop"]);
  await there.start();
  await using here = caller([near(), far()]);
  await here.client(Shop).buy({ item: "tea" });
  assert.deepEqual(routes(here), [["far", NOBODY]]);
  await using again = server([near()], ["near://shop"]);
  await again.start();
  await here.client(Shop).buy({ item: "tea" });
  assert.deepEqual(routes(here), [["far", NOBODY]], "a connection that holds is not left");
  hubs.far.sever("memory://shop");
  await here.client(Shop).buy({ item: "tea" });
  assert.deepEqual(routes(here), [["near"]]);
});

test("CarrierStack gives the same outcomes whichever carriers are switched off", async () => {
  const seen: unknown[] = [];
  const carriersSeen: string[] = [];
  for (const off of ["", "direct", "direct near", "direct far"]) {
    const { near, far } = twoCarriers();
    const carriers = () => [...(off.includes("near") ? [] : [near()]), ...(off.includes("far") ? [] : [far()])];
    await using there = server(
      carriers(),
      ["near://shop", "far://shop"].filter((at) => !off.includes(at.split(":")[0] ?? "")),
    );
    await there.start();
    await using apart = caller(carriers());
    const here = off === "" ? there : apart;
    const client = here.client(Shop);
    const items: number[] = [];
    for await (const { at } of client.watch({ upTo: 5 })) items.push(at);
    const bad = await outcomeOf(client.buy({ item: "bad" }));
    const malformed = await outcomeOf(client.buy({ item: 7 as never }));
    await here.send(Shop).note({ text: "x" });
    seen.push([
      await client.buy({ item: "tea", count: 4 }),
      items,
      bad.kind === "reply" ? "reply" : [bad.error.code, bad.error.reason, bad.definite],
      malformed.kind === "reply" ? "reply" : [malformed.error.code, malformed.error.reason, malformed.definite],
    ]);
    carriersSeen.push(here === there ? "direct" : (here.peers()[0]?.carrier ?? ""));
  }
  assert.deepEqual(carriersSeen, ["direct", "near", "far", "near"]);
  for (const outcome of seen) assert.deepEqual(outcome, seen[0]);
});

test("CarrierStack is one place to a router, however many addresses it has", async () => {
  const { near, far } = twoCarriers();
  await using there = server([near(), far()]);
  await there.start();
  await using here = caller([near(), far()]);
  await here.client(Shop).buy({ item: "tea" });
  await here.ping("near://shop");
  await here.ping("far://shop");
  assert.equal(here.peers().length, 1);
});

test("carriersOf refuses a place that no carrier of the node leads to", async () => {
  const { near } = twoCarriers();
  await using here = caller([near()]);
  await assert.rejects(here.ping("far://shop"), {
    code: "invalid_argument",
    message: 'Cannot use address "far://shop": this node has no transport for it, only near://',
  });
});

test("CarrierStack ends every call once, and truly, whatever becomes of its carriers", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = createSeededRandom(seed);
    const { near, far, hubs } = twoCarriers();
    const runs = new Map<string, number>();
    const counted = defineComponent(Any, () => ({
      async call(id) {
        runs.set(String(id), (runs.get(String(id)) ?? 0) + 1);
        for (let turns = random.integer(4); turns > 0; turns--) await Promise.resolve();
        return id;
      },
    }));
    const start = async (carriers: readonly ("near" | "far")[]) => {
      const transports = carriers.map((name) => (name === "near" ? near() : far()));
      const node = createNode({ components: [counted], transports, listen: carriers.map((name) => `${name}://any`) });
      await node.start();
      return node;
    };
    const directory = createTableDirectory({ any: ["near://any|far://any"] });
    const here = createNode({ components: [], transports: [near(), far()], directory });
    const client = here.client(Any);
    const ends: Promise<string>[] = [];
    let there: Node | undefined;
    for (let step = 0; step < 40; step++) {
      const id = `${step}`;
      switch (random.integer(6)) {
        case 0:
          await there?.stop({ timeoutMs: 0 });
          there = await start(
            ([["near"], ["far"], ["near", "far"], ["far", "near"]] as const)[random.integer(4)] ?? [],
          );
          break;
        case 1:
          hubs.near.sever("memory://any");
          break;
        case 2:
          hubs.far.sever("memory://any");
          break;
        case 3:
          for (let turns = random.integer(10); turns > 0; turns--) await Promise.resolve();
          break;
        default:
          ends.push(
            outcomeOf(client.call(id)).then((end) => {
              const ran = runs.get(id) ?? 0;
              if (end.kind === "reply") return end.value === id && ran === 1 ? "" : `${id}: ${ran} runs, ${end.value}`;
              const { reason } = end.error;
              // What had not left waits for the next carrier: it is never lost, and nothing runs twice.
              const isLost = reason === "not_connected" || reason === "timeout";
              return isLost || ran > (end.definite ? 0 : 1) ? `${id}: ${ran} runs and ${reason}` : "";
            }),
          );
      }
    }
    await there?.stop({ timeoutMs: 0 });
    there = await start(["near", "far"]);
    const wrong = (await Promise.all(ends)).filter((end) => end !== "");
    assert.deepEqual(wrong, [], `seed ${seed}`);
    assert.equal(await client.call("last"), "last");
    assert.equal(here.peers().length, 1, `seed ${seed}`);
    await Promise.all([here.stop(), there.stop()]);
  }
});
