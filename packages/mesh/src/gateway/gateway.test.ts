import assert from "node:assert/strict";
import { test } from "node:test";
import { outcomeOf } from "@orrery/core";
import { createLimits } from "../limits/node-limits.ts";
import { createGateway } from "./gateway.ts";
import { joinTwo, Shop, said, shop } from "./testing/gateway-world.ts";

interface Delivery {
  readonly kind: string;
  readonly from: string;
  readonly node: string;
  readonly what?: { readonly step: string };
}

test("createGateway passes calls, one-way messages and streams on to the network that they name", async () => {
  const { world, client, caller, log, ask, settle, gateway } = await joinTwo();
  await using _ = world;
  assert.equal(said(await ask("gear")), "us-1");
  const ticket = caller.life.send(Shop).note({ item: "wheel" }, { network: "us" });
  await settle(ticket.accepted);
  const items: number[] = [];
  const read = async () => {
    for await (const { at } of client.list({ count: 200 }, { network: "us", credit: 8 })) items.push(at);
  };
  await settle(read());
  assert.deepEqual(items, [...Array(200).keys()]);
  assert.deepEqual(log.lines.slice(0, 2), ["us-1 buy gear", "us-1 note wheel"]);
  const [counts] = gateway.counts();
  assert.deepEqual(counts, { network: "eu", passed: 3, refused: 0, dropped: 0, local: 0, underWay: 0 });
});

test("createGateway is the only way between two networks: no other nodes of the two ever meet", async () => {
  const pairs = new Set<string>();
  const onTrace = ({ kind, from, node }: Delivery) => {
    if (kind === "delivery" && from !== "") pairs.add(`${from}>${node}`);
  };
  const { world, ask, gateway } = await joinTwo({ shops: ["us", "eu"], world: { trace: "hash", onTrace } });
  await using _ = world;
  assert.equal(said(await ask("gear")), "us-1");
  await world.run({ forMs: 30_000 });
  const homes: Record<string, string> = { caller: "eu", "eu-1": "eu", "gw.eu": "eu", "us-1": "us", "gw.us": "us" };
  const crossing = [...pairs].filter((pair) => {
    const [from = "", to = ""] = pair.split(">");
    return homes[from] !== homes[to];
  });
  assert.deepEqual(crossing, []);
  assert.ok(pairs.has("caller>gw.eu") && pairs.has("gw.us>us-1"));
  assert.equal(gateway.counts()[0]?.passed, 1);
});

test("createGateway is no part of the way within a network, whether it is there or not", async () => {
  const { world, client, settle, kill, gateway } = await joinTwo({ shops: ["us", "eu"] });
  await using _ = world;
  for (let at = 0; at < 20; at++) assert.equal((await settle(client.buy({ item: "gear" }))).node, "eu-1");
  kill("gw");
  assert.equal((await settle(client.buy({ item: "gear" }))).node, "eu-1");
  assert.equal(gateway.counts()[0]?.passed, 0);
});

test("a call of this host only puts nothing on the links between hosts, whoever else could take it", async () => {
  const frames: string[] = [];
  let isWatched = false;
  const onTrace = ({ kind, from, node, what }: Delivery) => {
    if (isWatched && kind === "delivery" && from !== "" && what?.step === "request") frames.push(`${from}>${node}`);
  };
  const { world, client, settle } = await joinTwo({ shops: ["us", "eu"], world: { trace: "hash", onTrace } });
  await using _ = world;
  isWatched = true;
  for (const scope of ["process", "host", "network"] as const) {
    const here = await settle(outcomeOf(client.buy({ item: "gear" }, { horizon: scope })));
    const there = await settle(outcomeOf(client.buy({ item: "gear" }, { horizon: scope, network: "us" })));
    assert.equal(said(here), scope === "network" ? "eu-1" : "bounced horizon_exceeded true");
    assert.equal(said(there), "bounced horizon_exceeded true");
  }
  assert.deepEqual(frames, ["caller>eu-1"]);
});

test("createGateway takes what nobody nearer can: nobody is there, nobody has room; what its horizon keeps in stays", async () => {
  const { world, client, settle, node, log, known, directory } = await joinTwo();
  await using _ = world;
  assert.equal((await settle(client.buy({ item: "gear" }))).node, "us-1");
  const kept = await settle(outcomeOf(client.buy({ item: "gear" }, { horizon: "network" })));
  assert.equal(said(kept), "bounced horizon_exceeded true");
  node("eu", "eu-1", { components: [shop("eu-1", log, 1)] });
  await world.start();
  await known("caller", "shop");
  await world.until(() => directory("caller").resolve("shop").length > 0);
  assert.equal((await settle(client.buy({ item: "gear" }))).node, "eu-1");
  const ask = () => outcomeOf(client.buy({ item: "wheel", restMs: 300 }, { timeoutMs: 20_000 }));
  const many = [];
  for (let at = 0; at < 24; at++) {
    many.push(ask());
    await world.run({ forMs: 10 });
  }
  await world.run({ forMs: 20_000 });
  const by = (await Promise.all(many)).map(said);
  const [near = 0, far = 0] = ["eu-1", "us-1"].map((name) => by.filter((one) => one === name).length);
  assert.equal(near + far, 24);
  assert.ok(near >= 3 && far >= 3, `${near} near, ${far} far`);
  assert.equal((await settle(client.buy({ item: "gear" }))).node, "eu-1", "and comes back when there is room");
});

for (const [what, horizon, wanted] of [
  ["is the network", { scope: "network" }, "bounced horizon_exceeded true"],
  ["has no gateway", { hops: 1 }, "bounced horizon_exceeded true"],
  ["has one gateway", { hops: 2 }, "us-1"],
  ["is nearer than the gateway's network", { distanceMs: 5 }, "bounced horizon_exceeded true"],
  ["is far enough", { distanceMs: 50 }, "us-1"],
  ["is the network, and lets go", { scope: "network", beyond: "drop" }, "bounced dropped true"],
] as const)
  test(`createGateway and its sender keep to a horizon that ${what}`, async () => {
    const { world, ask, log } = await joinTwo();
    await using _ = world;
    assert.equal(said(await ask("gear", { horizon })), wanted);
    assert.deepEqual(log.lines, wanted === "us-1" ? ["us-1 buy gear"] : []);
  });

test("createGateway gets no message that names the network that it is in, whoever else could take it", async () => {
  const { world, ask, caller, log } = await joinTwo();
  await using _ = world;
  assert.equal(said(await ask("gear", { network: "eu" })), "bounced horizon_exceeded true");
  caller.life.publish(Shop).tell({ item: "warm" }, { network: "eu", horizon: "any" });
  await world.run({ forMs: 1_000 });
  assert.deepEqual(log.lines, []);
  assert.equal(said(await ask("gear", { network: "us" })), "us-1");
});

test("createGateway gets no message that its node, network, component or flow keeps in", async () => {
  const limits = createLimits({ horizons: { flows: { "night*": { scope: "network" } } } });
  const { world, caller, settle, ask } = await joinTwo({ caller: { limits: () => limits } });
  await using _ = world;
  const flow = caller.life.beginFlow("nightly");
  const inFlow = () => settle(outcomeOf(flow.client(Shop).buy({ item: "gear" }, { network: "us" })));
  assert.equal(said(await ask("gear")), "us-1");
  assert.equal(said(await inFlow()), "bounced horizon_exceeded true");
  limits.change({ horizons: { components: { shop: { hops: 1 } } } });
  assert.equal(said(await ask("gear", { horizon: "any" })), "bounced horizon_exceeded true");
  limits.change({ horizons: { network: { scope: "host" } } });
  assert.equal(said(await ask("gear", { horizon: "any" })), "bounced horizon_exceeded true");
  limits.change({ horizons: {} });
  assert.equal(said(await inFlow()), "us-1");
});

for (const [beyond, wanted] of [
  ["bounce", "bounced horizon_exceeded true"],
  ["drop", "timeout timeout false"],
  ["local", "eu-1"],
] as const)
  test(`createGateway does with what lies beyond its horizon as it says: ${beyond}`, async () => {
    // The way to the gateway is short, that on to the next network is not: only the gateway knows.
    const { world, ask, gateway } = await joinTwo({ shops: ["us", "eu"] });
    await using _ = world;
    assert.equal(said(await ask("gear", { horizon: { distanceMs: 10, beyond } })), wanted);
    const { passed, refused, dropped, local } = gateway.counts()[0] ?? assert.fail("none");
    const count = beyond === "bounce" ? refused : beyond === "drop" ? dropped : local;
    assert.deepEqual([count, passed], [1, beyond === "local" ? 1 : 0]);
  });

for (const [what, networks, agent, wanted] of [
  ["is not exported", { us: { exports: [] } }, "ann", "bounced no_such_component true"],
  ["is not imported", { eu: { imports: ["bank.*"] } }, "ann", "bounced no_such_component true"],
  ["is for another agent", { us: { agents: ["ben", "b-*"] } }, "ann", "bounced agent_refused true"],
  ["is of another component", { us: { exports: ["shop.*", "*.shop"] } }, "ann", "bounced no_such_component true"],
] as const)
  test(`createGateway lets nothing pass that ${what}, where its owner did not say so`, async () => {
    const { world, ask, log, directory } = await joinTwo(networks);
    await using _ = world;
    assert.equal(said(await ask("gear", { agent, timeoutMs: 1_000 })), wanted);
    assert.deepEqual(log.lines, []);
    assert.equal(directory("caller").components().includes("shop@us"), wanted !== "bounced no_such_component true");
  });

test("createGateway lets pass what its owner did say", async () => {
  const { world, ask } = await joinTwo({ us: { agents: ["ben", "b-*"], exports: ["bank", "sh*"] } });
  await using _ = world;
  assert.equal(said(await ask("gear", { agent: "b-7" })), "us-1");
});

for (const [networks, why] of [
  [[{ network: "eu" }], /it has 1 networks, give it 2 to 9/],
  [[{ network: "eu" }, { network: "eu" }], /two of its networks have one name/],
  [[{ network: "eu" }, { network: "u s" }], /Cannot make a gateway to network "u s": a name is/],
  [
    [{ network: "eu" }, { network: "us", exports: Array<string>(1_001).fill("a") }],
    /its exports are 1001, write at most/,
  ],
] as const)
  test(`createGateway refuses what it cannot join: ${why.source}`, () => {
    assert.throws(() => createGateway({ networks }), { code: "invalid_argument", message: why });
  });

test("createGateway has no foot in a network that it does not join", () => {
  const gateway = createGateway({ networks: [{ network: "eu" }, { network: "us" }] });
  assert.throws(() => gateway.relay("ap"), { code: "not_found", message: /the gateway joins "eu", "us"$/ });
});
