import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent, defineService, json, type MessageEvent, outcomeOf } from "@orrery/core";
import { createWorld } from "@orrery/sim";
import { dataCentres, joinGateways, joinTwo, Shop } from "./testing/gateway-world.ts";

test("Foot passes on what the caller gives up, and ends a stream at its source", async () => {
  const { world, client, log, gateway } = await joinTwo();
  await using _ = world;
  const stream = client.list({ count: 1_000_000, restMs: 10 }, { network: "us" });
  assert.equal((await world.settle(stream.next())).value?.at, 0);
  await world.settle(stream.return());
  await world.run({ forMs: 2_000 });
  assert.ok(log.lines.includes("us-1 closed"));
  const controller = new AbortController();
  const call = outcomeOf(client.buy({ item: "gear", restMs: 60_000 }, { network: "us", signal: controller.signal }));
  await world.run({ forMs: 500 });
  assert.equal(gateway.counts()[0]?.underWay, 1);
  controller.abort();
  assert.equal((await world.settle(call)).kind, "cancelled");
  await world.run({ forMs: 500 });
  assert.equal(gateway.counts()[0]?.underWay, 0);
});

test("Foot lets a slow reader hold its source back over both networks", async () => {
  const { world, client, log } = await joinTwo();
  await using _ = world;
  const stream = client.list({ count: 1_000 }, { network: "us", credit: 4 });
  await world.settle(stream.next());
  await world.run({ forMs: 5_000 });
  assert.equal(log.lines.filter((line) => line.includes("item")).length, 4);
  for (let at = 1; at < 1_000; at++) assert.equal((await world.settle(stream.next())).value?.at, at);
  assert.equal((await world.settle(stream.next())).done, true);
});

test("Foot keeps broadcasts in their network, and brings them to the others once where they say so", async () => {
  const { world, caller, log } = await joinTwo({ shops: ["us", "eu"], gateways: ["gw", "gx"] });
  await using _ = world;
  const tell = async (item: string, options = {}) => {
    caller.life.publish(Shop).tell({ item }, options);
    await world.run({ forMs: 1_000 });
  };
  await tell("warm", { horizon: "any" }); // What is not connected yet is not told.
  log.lines.length = 0;
  await tell("one");
  assert.deepEqual(log.lines, Array(4).fill("eu-1 tell one"));
  await tell("all", { horizon: "any" });
  const heard = log.lines.filter((line) => line.endsWith("all"));
  assert.deepEqual(heard.sort(), [...Array(4).fill("eu-1 tell all"), ...Array(4).fill("us-1 tell all")]);
  await tell("they", { horizon: "any", network: "us" });
  assert.deepEqual(log.lines.slice(-4), Array(4).fill("us-1 tell they"));
});

const Ask = defineService("ask", { it: { request: json<object>(), reply: json<object>() } });

test("Foot keeps agent, flow, trace, key and attempt, takes what it took from the time, and tells of both ways", async () => {
  const seen: { readonly what: unknown; readonly leftMs: number }[] = [];
  const events: MessageEvent[] = [];
  const asked = defineComponent(Ask, () => ({
    it(_, { agent, flow, trace, idempotencyKey, attempt, deadline, clock, source }) {
      const traceId = trace && Buffer.from(trace.traceId).toString("hex");
      const what = { agent, flow: [flow.name, flow.node], traceId, idempotencyKey, attempt, source: source.node };
      seen.push({ what, leftMs: deadline - clock.monotonic() });
      return {};
    },
  }));
  const world = createWorld({ trace: "off", link: dataCentres, watch: [{ onMessage: (event) => events.push(event) }] });
  await using _ = world;
  const joined = joinGateways(world);
  const caller = joined.node("eu", "caller", { components: [] });
  joined.node("us", "us-1", { components: [asked] });
  const both = { exports: ["*"], imports: ["*"] };
  const networks = [
    { network: "eu", ...both },
    { network: "us", ...both },
  ];
  joined.gateway("gw", { networks });
  await world.start();
  await joined.known("caller", "ask@us");
  const flow = caller.life.beginFlow("order");
  const trace = { traceId: new Uint8Array(16).fill(7), spanId: new Uint8Array(8).fill(1), flags: 1, state: "" };
  const options = { network: "us", agent: "ann", trace, idempotencyKey: "k1", attempt: 2, timeoutMs: 1_000 };
  await world.settle(flow.client(Ask).it({}, options));
  const kept = {
    agent: "ann",
    flow: ["order", "caller@eu"],
    traceId: "07".repeat(16),
    idempotencyKey: "k1",
    attempt: 2,
  };
  assert.deepEqual(seen[0]?.what, { ...kept, source: "gw.us" });
  const told = events
    .filter(({ node, component }) => node.startsWith("gw.") && component.startsWith("ask"))
    .slice(0, 5);
  assert.deepEqual(
    told.map(({ node, kind, component, outcome = "" }) => `${node} ${kind} ${component} ${outcome}`.trim()),
    [
      "gw.eu received ask@us",
      "gw.us queued ask",
      "gw.us sent ask",
      "gw.us returned ask reply",
      "gw.eu replied ask@us reply",
    ],
  );
  const [received, queued] = told;
  const { node = "", incarnation = 0 } = received?.source ?? {};
  assert.deepEqual(queued?.parent, { node, instance: "", incarnation, id: received?.id });
});

test("Foot waits for a connection while a message has time, and takes that from its time", async () => {
  const leftMs: number[] = [];
  const asked = defineComponent(Ask, () => ({
    it(_, { deadline, clock }) {
      leftMs.push(deadline - clock.monotonic());
      return {};
    },
  }));
  const { world, caller, node, known } = await joinTwo({ us: { exports: ["*"] }, eu: { imports: ["*"] } });
  await using _ = world;
  node("us", "us-2", { components: [asked] });
  await world.start();
  await known("caller", "ask@us");
  world.inject("crash us-2");
  await world.run({ forMs: 100 }); // Its connections are gone, and nobody thinks that it is.
  const call = outcomeOf(caller.life.client(Ask).it({}, { network: "us", timeoutMs: 2_000 }));
  await world.run({ forMs: 500 });
  world.inject("restart us-2");
  assert.equal((await world.settle(call)).kind, "reply");
  assert.ok(leftMs[0] !== undefined && leftMs[0] <= 1_500 && leftMs[0] > 500, `${leftMs[0]} ms are left of 2,000`);
  world.inject("crash us-2");
  const lost = await world.settle(outcomeOf(caller.life.client(Ask).it({}, { network: "us", timeoutMs: 1_000 })));
  assert.ok(lost.kind === "unreachable" && !lost.definite, "it had left, and may have run");
});

/** Asks on in the networks that it is told, each time in the next. */
const Chain = defineService("chain", {
  go: { request: json<{ to: readonly string[] }>(), reply: json<{ by: readonly string[] }>() },
});

function chain(network: string) {
  return defineComponent(Chain, () => ({
    async go({ to: [next, ...rest] }, context) {
      if (next === undefined) return { by: [network] };
      const { by } = await context.client(Chain).go({ to: rest }, { network: next });
      return { by: [network, ...by] };
    },
  }));
}

test("Foot lets chains of calls go from network to network, and refuses one that comes back to who waits for it", async () => {
  const world = createWorld({ trace: "off", link: dataCentres });
  await using _ = world;
  const joined = joinGateways(world);
  const caller = joined.node("eu", "caller", { components: [] });
  const both = { exports: ["*"], imports: ["*"] };
  const names = ["eu", "us", "ap"];
  for (const name of names) joined.node(name, `${name}-1`, { components: [chain(name)] });
  joined.gateway("gw", { networks: names.map((network) => ({ network, ...both })) });
  await world.start();
  await world.run({ forMs: 5_000 });
  const go = (...to: readonly string[]) => world.settle(outcomeOf(caller.life.client(Chain).go({ to })));
  const there = await go("us", "ap");
  assert.deepEqual(there.kind === "reply" && there.value.by, ["eu", "us", "ap"]);
  const back = await go("us", "eu");
  assert.ok(back.kind !== "reply");
  assert.match(back.error.message, /eu-1.*us-1.*eu-1|chain of calls|waits/);
  assert.equal(back.error.code, "failed_precondition");
});

test("Foot takes instances of two networks that are called alike for two", async () => {
  const world = createWorld({ trace: "off", link: dataCentres });
  await using _ = world;
  const joined = joinGateways(world);
  const both = { exports: ["*"], imports: ["*"] };
  const networks = ["eu", "us"].map((network) => ({ network, ...both }));
  joined.gateway("gw", { networks });
  // Two nodes of a world cannot have one name, so one is called as the gateway calls those of the other network.
  const caller = joined.node("eu", "n", { components: [chain("eu")] });
  joined.node("us", "n@eu", { components: [chain("us")] });
  await world.start();
  await world.run({ forMs: 5_000 });
  const outcome = await world.settle(outcomeOf(caller.life.client(Chain).go({ to: ["us"] })));
  assert.deepEqual(outcome.kind === "reply" && outcome.value.by, ["eu", "us"]);
});
