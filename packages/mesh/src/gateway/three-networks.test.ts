import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { createWorld } from "@orrery/sim";
import { OFFERS_MAX } from "../discovery/limits.ts";
import { dataCentres, joinGateways, Shop, said, shop } from "./testing/gateway-world.ts";

const NETWORKS = ["eu", "us", "ap"];

/** Three networks, and a gateway between each two. */
async function makeRing() {
  const requests: string[] = [];
  const world = createWorld({
    link: dataCentres,
    onTrace: ({ kind, from, node, what }) => {
      if (kind === "delivery" && what?.step === "request") requests.push(`${from}>${node}`);
    },
  });
  const joined = joinGateways(world);
  const caller = joined.node("eu", "caller", { components: [] });
  joined.node("us", "us-1", { components: [shop("us-1", joined.log)] });
  joined.node("ap", "ap-1", { components: [] });
  const both = { exports: ["*"], imports: ["*"] };
  for (const [at, network] of NETWORKS.entries()) {
    const next = NETWORKS[(at + 1) % 3] ?? "";
    joined.gateway(`${network}-${next}`, { networks: [network, next].map((name) => ({ network: name, ...both })) });
  }
  await world.start();
  await world.run({ forMs: 5_000 });
  const client = caller.life.client(Shop);
  const ask = (options = {}) => world.settle(outcomeOf(client.buy({ item: "gear" }, { timeoutMs: 2_000, ...options })));
  return { ...joined, ask, requests };
}

test("createGateway passes a message on once: nothing goes round in three networks that are joined in a ring", async () => {
  const { world, ask, requests, directory } = await makeRing();
  await using _ = world;
  assert.equal(said(await ask()), "us-1");
  assert.deepEqual(requests, ["caller>eu-us.eu", "eu-us.us>us-1"]);
  assert.deepEqual(
    directory("caller").components(),
    ["shop", "shop@us"],
    "a gateway tells only of what a network serves itself",
  );
  assert.equal(said(await ask({ network: "ap" })), "bounced no_such_component true");
  requests.length = 0;
  world.inject("crash us-1"); // All still tell of it.
  await world.run({ forMs: 100 });
  const outcome = await ask();
  assert.ok(outcome.kind !== "reply" && outcome.definite, "no way was open to it");
  assert.ok(requests.length <= 1, requests.join());
  await world.run({ forMs: 60_000 });
  assert.equal(said(await ask()), "bounced no_such_component true");
});

test("createGateway tells of a bounded number of components, and says as little in a large network as in a small one", async () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, at) => {
      const service = defineService(`part.p${at}`, { do: { request: json<object>(), reply: json<object>() } });
      return defineComponent(service, () => ({ do: () => ({}) }));
    });
  const said: number[] = [];
  for (const nodes of [4, 24]) {
    const world = createWorld({ trace: "off", link: dataCentres });
    await using _ = world;
    const joined = joinGateways(world);
    joined.node("us", "us-0", { components: many(OFFERS_MAX + 50) });
    for (let at = 1; at < nodes; at++) joined.node("us", `us-${at}`, { components: many(1) });
    for (let at = 0; at < nodes; at++) joined.node("eu", `eu-${at}`, { components: [] });
    const both = { exports: ["*"], imports: ["*"] };
    const networks = ["eu", "us"].map((network) => ({ network, ...both }));
    const gateway = joined.gateway("gw", { networks });
    await world.start();
    await world.run({ forMs: 60_000 });
    assert.equal(gateway.offers("eu").length, OFFERS_MAX);
    const known = joined.directory("eu-3").components();
    assert.equal(known.filter((name) => name.endsWith("@us")).length, OFFERS_MAX);
    assert.equal(gateway.offers("eu")[0]?.instances, nodes, "it counts the copies of the whole network");
    const before = joined.directory("gw.eu").stats().bytes;
    await world.run({ forMs: 60_000 });
    said.push((joined.directory("gw.eu").stats().bytes - before) / 60);
  }
  const [few = 0, lots = 0] = said;
  assert.ok(lots < 3 * few + 500, `${few.toFixed()} bytes a second among 4, ${lots.toFixed()} among 24`);
});

test("createGateway keeps a range of versions to this network's where it has one that fits", async () => {
  const world = createWorld({ trace: "off", link: dataCentres });
  await using _ = world;
  const joined = joinGateways(world);
  const Part = defineService("part", { which: { request: json<object>(), reply: json<{ version: string }>() } });
  const part = (version: string) => defineComponent(Part, () => ({ which: () => ({ version }) }), { version });
  const caller = joined.node("eu", "caller", { components: [] });
  joined.node("eu", "eu-1", { components: [part("1.1.0")] });
  joined.node("us", "us-1", { components: [part("1.2.0")] });
  joined.node("us", "us-2", { components: [part("2.0.0")] });
  const both = { exports: ["*"], imports: ["*"] };
  joined.gateway("gw", { networks: ["eu", "us"].map((network) => ({ network, ...both })) });
  await world.start();
  await world.run({ forMs: 5_000 });
  const which = async (options: object) => (await world.settle(caller.life.client(Part).which({}, options))).version;
  assert.equal(await which({ version: "^1.0.0" }), "1.1.0");
  assert.equal(await which({ version: "^1.2.0" }), "1.2.0");
  assert.equal(await which({ version: "2.0.0" }), "2.0.0");
  assert.equal(await which({ version: "^1.0.0", network: "us" }), "1.2.0");
});
