import assert from "node:assert/strict";
import { test } from "node:test";
import { type Call, defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { assertHolds, defineScenario, linksByNearness, type ModelNode, type World } from "@orrery/sim";
import { dataCentres, joinGateways, joinTwo, said } from "./testing/gateway-world.ts";

const IS_LONG = process.env["ORRERY_LONG"] === "1";
const CALLS = 12;
const TIMEOUT_MS = 3_000;
/** How much later a call may end, at a node with nothing wrong: a step of its deadlines, and what an exploration puts off at most. */
const STEP_MS = 10;
/** One way within a network takes long, in ms. */
const SLOW = { machine: 0.03, zone: 20, between: 20 };
const PUT_OFF_MS = 500;

const Work = defineService("work", {
  do: { request: json<{ id: string; restMs: number }>(), reply: json<{ id: string }>() },
  post: { request: json<{ id: string }>(), mode: "async" },
  read: { request: json<{ id: string; count: number }>(), reply: json<{ at: number }>(), mode: "stream" },
});

interface Ledger {
  /** How often each piece of work was begun. */
  readonly begun: Map<string, number>;
  /** How each ended, in the order in which they did. */
  readonly ended: Map<string, string[]>;
  /** How long those took that ended after their time, in ms. */
  readonly late: Map<string, number>;
  /** Instances that began: more than at first where a worker has crashed, and is back. */
  instances: number;
}

function worker(ledger: Ledger) {
  const begin = (id: string) => ledger.begun.set(id, (ledger.begun.get(id) ?? 0) + 1);
  return defineComponent(
    Work,
    () => {
      ledger.instances++;
      return {
        async do({ id, restMs }, { clock }) {
          begin(id);
          await clock.sleep(restMs);
          return { id };
        },
        post: ({ id }) => void begin(id),
        async *read({ id, count }, { clock }) {
          begin(id);
          for (let at = 0; at < count; at++) {
            await clock.sleep(20);
            yield { at };
          }
        },
      };
    },
    { instances: 4 },
  );
}

/** Does one piece of work in the other network, of one mode after the other. */
function piece(node: ModelNode, id: string, index: number): Call<unknown> {
  const options = { network: "us", timeoutMs: TIMEOUT_MS };
  const client = node.life.client(Work);
  if (index % 3 === 0) return client.do({ id, restMs: 30 * index }, options);
  if (index % 3 === 1) return node.life.send(Work).post({ id }, options).accepted;
  const read = async () => {
    const items: number[] = [];
    for await (const { at } of client.read({ id, count: 10 }, { ...options, credit: 3, idleMs: TIMEOUT_MS }))
      items.push(at);
    assert.deepEqual(items, [...Array(10).keys()], "a stream that ends well is whole, and in order");
  };
  return read() as Call<unknown>;
}

async function work(world: World, node: ModelNode, ledger: Ledger): Promise<void> {
  await node.clock.sleep(3_000);
  const open: Promise<void>[] = [];
  for (let index = 0; index < CALLS; index++) {
    const id = `${node.name}-${index}`;
    const beganMs = world.elapsedMs;
    const ended = outcomeOf(piece(node, id, index)).then((outcome) => {
      const how = `${outcome.kind}${outcome.definite ? " definite" : ""}`;
      ledger.ended.set(id, [...(ledger.ended.get(id) ?? []), how]);
      const tookMs = world.elapsedMs - beganMs;
      if (tookMs > TIMEOUT_MS + STEP_MS) ledger.late.set(id, tookMs);
    });
    open.push(ended);
    await node.clock.sleep(150);
  }
  await Promise.all(open);
}

const honesty = (lateMs: number) =>
  defineScenario("whatever happens to gateways and links, every message to another network ends once, and honestly", {
    world: { link: dataCentres, startWithinMs: 500 },
    setup(world): Ledger {
      const ledger: Ledger = { begun: new Map(), ended: new Map(), late: new Map(), instances: 0 };
      const joined = joinGateways(world);
      for (const name of ["caller-0", "caller-1"])
        joined.node("eu", name, { components: [], run: (node) => work(world, node, ledger) });
      for (const name of ["us-0", "us-1"]) joined.node("us", name, { components: () => [worker(ledger)] });
      const networks = [
        { network: "eu", imports: ["work"] },
        { network: "us", exports: ["work"] },
      ];
      for (const name of ["gw", "gx"]) joined.gateway(name, { networks });
      return ledger;
    },
    leaks: "ignore",
    async check(ledger, world) {
      await world.run({ forMs: 20_000 }); // What was accepted may still wait for its turn.
      const { begun, ended, late, instances } = ledger;
      const hasCrashed = instances > 8 || ["us-0", "us-1"].some((name) => world.nodes.get(name)?.alive !== true);
      if (ended.size !== 2 * CALLS) return `${ended.size} of ${2 * CALLS} ended`;
      for (const [id, ends] of ended) {
        if (ends.length !== 1) return `${id} ended ${ends.length} times: ${ends.join(", ")}`;
        const [how = ""] = ends;
        const times = begun.get(id) ?? 0;
        // What was accepted and had not begun dies with the process that had accepted it.
        const mayBeLost = hasCrashed && Number(id.split("-").at(-1)) % 3 === 1;
        if (how === "reply definite" && times === 0 && !mayBeLost) return `${id} was answered and never done`;
        if (/^(bounced|unreachable|cancelled) definite/.test(how) && times > 0) return `${id}: ${how}, and was done`;
      }
      for (const [id, tookMs] of late) if (tookMs > TIMEOUT_MS + STEP_MS + lateMs) return `${id} took ${tookMs} ms`;
      return true;
    },
    faults: ["crash", "partition", "clog", "pause", "slow", "loss", "reorder", "jump"],
    faultyNodes: ["gw.eu", "gw.us", "gx.eu", "gx.us", "us-0", "us-1"],
  });

test("createGateway lets every message end once, and honestly, whatever happens to gateways and links", async () => {
  await assertHolds(honesty(PUT_OFF_MS), { runs: IS_LONG ? 10_000 : 300 });
});

test("createGateway lets every message end in its own time, where nothing is put off, whatever happens", async () => {
  await assertHolds(honesty(0), { runs: IS_LONG ? 5_000 : 150, seed: 20_001, strategies: ["seeds"] });
});

test("createGateway calls go by another gateway when one is killed, and none is lost but those that it had", async () => {
  const { world, client, kill, gateway } = await joinTwo({ gateways: ["gw", "gx"] });
  await using _ = world;
  const ends: { readonly how: string; readonly beganMs: number }[] = [];
  const open: Promise<unknown>[] = [];
  const ask = () => {
    const beganMs = world.elapsedMs;
    const call = outcomeOf(client.buy({ item: "gear", restMs: 5 }, { network: "us", timeoutMs: 2_000 }));
    open.push(call.then((outcome) => ends.push({ how: said(outcome), beganMs })));
  };
  const run = async (forMs: number) => {
    for (let at = 0; at < forMs / 10; at++) {
      ask();
      await world.run({ forMs: 10 });
    }
  };
  await run(2_000);
  assert.ok((gateway.counts()[0]?.passed ?? 0) > 20, "both are in use");
  const killedMs = world.elapsedMs;
  kill("gw");
  await run(5_000);
  await world.settle(Promise.all(open));
  assert.equal(ends.length, 700);
  const bad = ends.filter(({ how }) => how !== "us-1");
  assert.ok(
    bad.every(({ how }) => how === "unreachable connection_lost false"),
    JSON.stringify(bad[0]),
  );
  assert.ok(bad.length > 0 && bad.length < 15, `${bad.length} were with it`);
  assert.ok(bad.every(({ beganMs }) => beganMs > killedMs - 200 && beganMs <= killedMs + 10));
});

for (const feet of [["gw.eu"], ["gw.us"], ["gw.eu", "gw.us"]]) {
  test(`createGateway leaves no call of an uncertain end when ${feet.join(" and ")} stop in order`, async () => {
    const { world, client, log, gateway } = await joinTwo({ gateways: ["gw", "gx"] });
    await using _ = world;
    const ends = new Map<string, string>();
    const open: Promise<unknown>[] = [];
    const run = async (name: string, count: number) => {
      for (let at = 0; at < count; at++) {
        const item = `${name}-${at}`;
        const call = client.buy({ item, restMs: 5 }, { network: "us", timeoutMs: 2_000 });
        open.push(outcomeOf(call).then((outcome) => ends.set(item, said(outcome))));
        await world.run({ forMs: 3 });
      }
    };
    await run("before", 200);
    assert.ok((gateway.counts()[0]?.passed ?? 0) > 20, "both are in use");
    const stopped = Promise.all(feet.map((foot) => world.nodes.get(foot)?.life.stop()));
    await run("after", 500);
    await world.settle(stopped);
    await world.settle(Promise.all(open));
    assert.equal(ends.size, 700);
    for (const [item, how] of ends) {
      assert.ok(how === "us-1" || how === "bounced draining true", `${item}: ${how}`);
      const runs = log.lines.filter((line) => line === `us-1 buy ${item}`).length;
      assert.equal(runs, how === "us-1" ? 1 : 0, `${item}: ${how}`);
    }
    assert.equal(ends.get("after-499"), "us-1", "the other gateway takes them");
  });
}

test("createGateway refuses for certain what is on its way when it stops with nothing else to do", async () => {
  for (const sinceMs of [0, 5, 10, 19]) {
    const { world, client, settle } = await joinTwo({ world: { link: linksByNearness(SLOW) } });
    await using _ = world;
    assert.equal((await settle(client.buy({ item: "gear" }, { network: "us" }))).node, "us-1");
    const late = outcomeOf(client.buy({ item: "late" }, { network: "us", timeoutMs: 2_000 }));
    await world.run({ forMs: sinceMs });
    await settle(Promise.all(["gw.eu", "gw.us"].map((foot) => world.nodes.get(foot)?.life.stop())));
    assert.equal(said(await settle(late)), "bounced draining true", `sent ${sinceMs} ms before`);
  }
});

test("createGateway lets nothing through a cut between networks, and all again once it is mended", async () => {
  const { world, ask, node, log, client, settle } = await joinTwo({ shops: ["us", "eu"], gateways: ["gw", "gx"] });
  await using _ = world;
  void node;
  world.partition(["gw.us", "gx.us"], ["us-1"]);
  const cut = said(await ask("gear"));
  assert.equal(cut, "timeout timeout false");
  await world.run({ forMs: 60_000 });
  assert.equal(said(await ask("gear", { timeoutMs: 1_000 })).endsWith("true"), true, "nothing can have been done");
  assert.equal((await settle(client.buy({ item: "wheel" }))).node, "eu-1", "each network goes on by itself");
  world.heal();
  await world.run({ forMs: 60_000 });
  assert.equal(said(await ask("gear")), "us-1");
  assert.ok(log.lines.filter((line) => line === "us-1 buy gear").length >= 1);
});
