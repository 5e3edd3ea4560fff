import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { createWorld } from "../world/create-world.ts";
import type { WorldOptions } from "../world/world-options.ts";
import { external } from "./external-doors.ts";

const Clerk = defineService("clerk", {
  stamp: { request: json<{ waitMs: number }>(), reply: json<{ texts: string[] }>() },
  read: { request: json<{ path: string }>(), reply: json<{ size: number }>() },
  readNow: { request: json<{ path: string }>(), reply: json<{ size: number }>() },
  ask: { request: json<{ name: string }>(), reply: json<{ answer: string }>() },
});

/** A clerk that takes nothing from its context. */
const clerk = defineComponent(Clerk, () => {
  let ticks = 0;
  setInterval(() => ticks++, 10);
  return {
    async stamp({ waitMs }) {
      const before = new Date().toISOString();
      await new Promise((resolve) => setTimeout(resolve, waitMs * Math.random()));
      return { texts: [before, randomUUID(), String(performance.now()), String(ticks)] };
    },
    read: async ({ path }) => ({ size: (await readFile(path)).length }),
    readNow: async ({ path }) => ({ size: readFileSync(path).length }),
    ask: async ({ name }) => ({ answer: await external(name, async () => `${name} ${process.pid}`) }),
  };
});

async function office(options: WorldOptions) {
  const world = createWorld({ link: { latency: 5 }, ...options });
  const back = world.node("back", { components: [clerk] });
  const visitor = world.node("visitor");
  await world.start();
  return { world, back, client: visitor.life.client(Clerk) };
}

test("createWorld with capture holds components that read the globals", async () => {
  const stamps = async (seed: number) => {
    const { world, client, back } = await office({ seed, capture: {} });
    await using _ = world;
    const calls = [300, 200, 900].map((waitMs) => client.stamp({ waitMs }));
    const texts = await world.settle(Promise.all(calls));
    back.crash();
    await world.settle(back.restart());
    await world.run({ forMs: 1000 }); // Its callers learn of it, and connect anew.
    texts.push(await world.settle(client.stamp({ waitMs: 50 })));
    return { texts, hash: world.trace.hash };
  };
  const first = await stamps(1);
  assert.match(first.texts[0]?.texts[0] ?? "", /^2026-01-01T00:00:00/);
  assert.deepEqual(await stamps(1), first);
  assert.notDeepEqual(await stamps(2), first);
  assert.ok(Date.now() > Date.UTC(2026, 5));
});

test("createWorld with capture tells the caller of real input", async () => {
  const { world, client } = await office({ capture: {} });
  await using _ = world;
  const outcome = await world.settle(outcomeOf(client.readNow({ path: "x" })));
  assert.equal(outcome.kind, "error");
  assert.match(outcome.error.message, /Cannot call fs\.readFileSync at node "back": it uses the real disk/);
});

test("createWorld with capture does for real, stands still meanwhile, records, and replays", async () => {
  const path = new URL(import.meta.url).pathname;
  const once = async (capture: WorldOptions["capture"]) => {
    const { world, client } = await office({ capture: { mode: "external", ...capture } });
    await using _ = world;
    const all = [client.ask({ name: "pid" }), client.stamp({ waitMs: 100 }), client.read({ path })] as const;
    return { result: await world.settle(Promise.all(all)), elapsedMs: world.elapsedMs, hash: world.trace.hash };
  };
  const lines: string[] = [];
  const recorded = await once({ record: (line) => lines.push(line) });
  assert.equal(recorded.result[0].answer, `pid ${process.pid}`);
  assert.ok(recorded.elapsedMs < 200);
  const foreign = lines.map((line) => line.replace(`pid ${process.pid}`, "pid of another process"));
  assert.equal((await once({ replay: foreign })).result[0].answer, "pid of another process");
  assert.deepEqual(await once({ replay: lines }), recorded);
  await assert.rejects(
    once({ replay: lines.map((line) => line.replaceAll('"pid"', '"uid"')) }),
    /Cannot replay external call 1/,
  );
});

test("createWorld with spinMs names the node and the event that never ends", () => {
  const world = new URL("../world/create-world.ts", import.meta.url).href;
  const source = `
    import { createWorld } from ${JSON.stringify(world)};
    const world = createWorld({ spinMs: 200 });
    const spinner = async () => { for (;;) await undefined; };
    world.node("back", { run: async ({ clock }) => { await clock.sleep(5); await spinner(); } });
    await world.finish();`;
  const options = ["--conditions=source", "--input-type=module", "--eval", source];
  const { status, stderr } = spawnSync(process.execPath, options, { encoding: "utf8" });
  assert.equal(status, 70, stderr);
  assert.match(stderr, /^Cannot run on: node "back" at 5 ms, event 5000\.\d.* has not ended for 200 ms/m);
  assert.match(stderr, /^ {4}at spinner/m);
});
