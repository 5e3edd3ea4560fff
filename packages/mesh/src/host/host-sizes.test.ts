import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createWorld } from "@orrery/sim";
import { addWorldHost, modelRelease } from "../testing/host-world.ts";
import type { ModelProcess } from "../testing/supervise/model-processes.ts";
import type { HostConfig } from "./host-config.ts";

const START_MS = 40;
const SHOP = modelRelease({ startMs: START_MS, drainMs: 30 });
const RULES = { waitMs: 100, idleMs: 2_000, coolDownMs: 500, scope: "host" } as const;

/** A host whose processes tell what the test says of their queues. */
async function openHost(config: Partial<HostConfig>, seed = 1) {
  const world = createWorld({ seed });
  const host = addWorldHost(world, "alpha", {
    seeds: [],
    first: SHOP.content,
    config: { elastic: RULES, ...config },
  });
  await world.start();
  const up = () => (host.machine?.processes ?? []).filter(({ alive, isReady }) => alive && isReady);
  const size = () => host.core?.sizes.sizeOf("shop");
  return {
    world,
    host,
    up,
    size,
    /** Lets time pass while every process tells how it stands. */
    async pass(forMs: number, view: (process: ModelProcess, passedMs: number) => object) {
      for (let passedMs = 0; passedMs < forMs; passedMs += TELL_MS) {
        for (const process of up()) process.tell(JSON.parse(JSON.stringify(view(process, passedMs))));
        await world.run({ forMs: TELL_MS });
      }
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

const TELL_MS = 20;
const IDLE = () => ({ waitedMs: 0, waiting: 0, idle: 1 });
const BUSY = (_: ModelProcess, passedMs: number) => ({ waitedMs: passedMs, waiting: 5, idle: 0 });
const sized = (min: number, max: number) => ({ components: { shop: { instances: { min, max } } } });

describe("HostSizes", () => {
  it("grow when the first in a queue of a process waits too long, N and a start later, and not before", async () => {
    await using bench = await openHost(sized(1, 3));
    await bench.pass(200, IDLE);
    assert.equal(bench.up().length, 1);
    await bench.pass(RULES.waitMs - TELL_MS, BUSY);
    assert.deepEqual(bench.size(), { own: 1, lent: 0 });
    await bench.pass(2 * TELL_MS, () => ({ waitedMs: RULES.waitMs + 1, waiting: 5, idle: 0 }));
    assert.deepEqual(bench.size(), { own: 2, lent: 0 });
    await bench.pass(START_MS + TELL_MS, IDLE);
    assert.equal(bench.up().length, 2);
    const [event] = bench.host.sizes;
    assert.equal(event?.reason, "wait");
    assert.match(event?.text ?? "", /^shop: 1 of 1 to 3, \+1 host: the first of 5 has waited/);
  });

  it("stay at the most whatever waits, and go back to the least when all is idle", async () => {
    await using bench = await openHost(sized(1, 3));
    await bench.pass(3_000, () => ({ waitedMs: 500, waiting: 9, idle: 0 }));
    assert.equal(bench.up().length, 3);
    await bench.pass(RULES.idleMs + 5_000, IDLE);
    assert.equal(bench.up().length, 1);
    assert.deepEqual([...new Set(bench.host.sizes.map(({ reason }) => reason))], ["wait", "idle"]);
    assert.deepEqual(
      bench.host.machine?.processes.flatMap(({ signals }) => signals),
      [], // Each drained, and nobody was ended.
    );
  });

  it("change nothing where least and most are the same, whatever waits", async () => {
    for (const instances of [2, { min: 2, max: 2 }]) {
      await using bench = await openHost({ components: { shop: { instances } } });
      await bench.pass(3_000, () => ({ waitedMs: 5_000, waiting: 50, idle: 0 }));
      await bench.pass(5_000, IDLE);
      assert.deepEqual(bench.host.machine?.log, ["+shop-0", "+shop-1"]);
      assert.deepEqual(bench.host.sizes, []);
    }
  });

  it("grow for a process that has told of a queue and is silent since, for a busy event loop tells nothing", async () => {
    await using bench = await openHost(sized(1, 2));
    await bench.pass(200, IDLE);
    await bench.pass(40, () => ({ waitedMs: 10, waiting: 3, idle: 0 }));
    await bench.world.run({ forMs: 200 });
    assert.equal(bench.size()?.own, 2);
  });

  it("stay over the death of the host", async () => {
    await using bench = await openHost(sized(1, 3));
    await bench.pass(3_000, () => ({ waitedMs: 500, waiting: 9, idle: 0 }));
    assert.equal(bench.up().length, 3);
    bench.host.node.crash();
    await bench.world.run({ forMs: 100 });
    bench.host.node.restart();
    await bench.pass(1_000, () => ({ waitedMs: 0, waiting: 0, idle: 0 }));
    assert.equal(bench.up().length, 3);
    assert.equal(bench.host.machine?.log.length, 3);
  });

  it("fill their own host first, then those that lend to its agent, and give back the farthest first", async () => {
    const world = createWorld({ seed: 3 });
    const open = (name: string, config: Partial<HostConfig>) =>
      addWorldHost(world, name, { seeds: ["sim://alpha"], first: SHOP.content, config: { agent: "shops", ...config } });
    const elastic = { ...RULES, scope: "network" } as const;
    const alpha = open("alpha", { elastic, processesMax: 2, ...sized(1, 4) });
    const beta = open("beta", { lend: { instances: 2, to: ["shops"] } });
    const shut = open("shut", { lend: { instances: 2, to: ["others"] } });
    await world.start();
    const size = (host: typeof alpha) => host.core?.sizes.sizeOf("shop");
    const pass = async (forMs: number, view: object) => {
      for (let passedMs = 0; passedMs < forMs; passedMs += TELL_MS) {
        for (const one of alpha.machine?.processes ?? [])
          if (one.alive && one.isReady) one.tell(JSON.parse(JSON.stringify(view)));
        await world.run({ forMs: TELL_MS });
      }
    };
    await pass(3_000, { waitedMs: 0, waiting: 0, idle: 0 });
    await pass(15_000, { waitedMs: 500, waiting: 9, idle: 0 });
    assert.deepEqual(
      [size(alpha), size(beta), size(shut)],
      [
        { own: 2, lent: 0 },
        { own: 1, lent: 2 },
        { own: 1, lent: 0 },
      ],
    );
    assert.equal(beta.machine?.processes.filter(({ alive }) => alive).length, 3);
    await pass(15_000, { waitedMs: 0, waiting: 0, idle: 4 });
    assert.deepEqual(
      [size(alpha), size(beta)],
      [
        { own: 1, lent: 0 },
        { own: 1, lent: 0 },
      ],
    );
    const places = alpha.sizes.flatMap(({ changes }) => changes.map(({ rung, by }) => `${by > 0 ? "+" : "-"}${rung}`));
    assert.deepEqual([places[0], places.at(-1)], ["+host", "-host"]);
    await world[Symbol.asyncDispose]();
  });

  it("hold still while versions change", async () => {
    await using bench = await openHost(sized(1, 3));
    await bench.pass(200, IDLE);
    const next = modelRelease({ startMs: 1_000 });
    const { core, releases } = bench.host;
    releases.put(next.content);
    core?.apply({ id: "next", components: [{ name: "shop", release: next.release }] });
    await bench.world.run({ forMs: 10 });
    assert.throws(() => core?.sizes.resize("shop", { own: 2 }), {
      code: "unavailable",
      message: /^Cannot size component "shop" on host "alpha": versions are changing/,
    });
    await bench.pass(900, () => ({ waitedMs: 500, waiting: 9, idle: 0 }));
    assert.equal(bench.size()?.own, 1);
    await bench.pass(12_000, () => ({ waitedMs: 500, waiting: 9, idle: 0 }));
    assert.equal(bench.size()?.own, 3);
    assert.equal(core?.status().running.get("shop"), next.version);
  });
});
