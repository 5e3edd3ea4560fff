import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { createWorld } from "@orrery/sim";
import { createGossipDirectory } from "./gossip-directory.ts";

const Task = defineService("task", {
  do: { request: json<Record<string, never>>(), reply: json<{ by: string }>(), timeoutMs: 60_000 },
});

/** Calls that the caller has open at all times. */
const WORKERS = 12;
/** The longest that a place is left alone, a call's way, and its turn. */
const BACK_WITHIN_MS = 1_000 + 100;

/** How a call ended: who answered it, or why nobody did. */
interface End {
  readonly atMs: number;
  readonly outcome: string;
}

/** Three places, of which others keep `full` full while it is stuck, and a caller with some calls open at all times. */
async function setUp(seed: number, callerName = "caller") {
  const world = createWorld({ seed, trace: "off", link: { latency: { kind: "uniform", minMs: 0.2, maxMs: 1 } } });
  const stuck = new Set(["full"]);
  const ends: End[] = [];
  const directory = () => createGossipDirectory({ seeds: ["sim://full"] });
  for (const name of ["full", "a", "b"]) {
    const task = defineComponent(
      Task,
      () => ({
        async do(_, { clock }) {
          do await clock.sleep(4);
          while (stuck.has(name));
          return { by: name };
        },
      }),
      { instances: 1, inboxMessagesMax: WORKERS },
    );
    world.node(name, { components: [task], directory });
  }
  const others = world.node("others", { directory });
  const caller = world.nodes.get(callerName) ?? world.node(callerName, { directory });
  await world.start();
  await world.run({ forMs: 3_000 });
  for (let call = 0; call < 6 * WORKERS; call++) void outcomeOf(others.life.client(Task).do({}));
  await world.run({ forMs: 500 });
  const work = async () => {
    while (caller.alive) {
      const outcome = await outcomeOf(caller.life.client(Task).do({}));
      const text = outcome.kind === "reply" ? outcome.value.by : (outcome.error.reason ?? outcome.kind);
      ends.push({ atMs: world.elapsedMs, outcome: text });
    }
  };
  for (let worker = 0; worker < WORKERS; worker++) void work();
  return { world, ends, stuck };
}

/** Calls of a stretch of time by their outcome. */
function countsSince(ends: readonly End[], sinceMs: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { atMs, outcome } of ends) if (atMs > sinceMs) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

for (const seed of [1, 2, 3, 4, 5])
  test(`createGossipRouter seldom calls a place where calls bounce, and again soon after it takes them: seed ${seed}`, async () => {
    const { world, ends, stuck } = await setUp(seed);
    await using _ = world;
    await world.run({ forMs: 5_000 });
    const { overloaded = 0, a = 0, b = 0 } = countsSince(ends, 0);
    assert.ok(overloaded > 0, "nothing bounced");
    assert.ok(overloaded * 50 < a + b, `${overloaded} bounced, ${a + b} were answered`);
    stuck.clear();
    const freeMs = world.elapsedMs;
    await world.run({ forMs: BACK_WITHIN_MS });
    const { full: first = 0 } = countsSince(ends, freeMs);
    assert.ok(first > 0, `not called again within ${BACK_WITHIN_MS} ms`);
    const backMs = world.elapsedMs;
    await world.run({ forMs: 2_000 });
    const counts = countsSince(ends, backMs);
    assert.deepEqual(Object.keys(counts).sort(), ["a", "b", "full"]);
    const least = Math.min(...Object.values(counts));
    assert.ok(least * 1.1 > Math.max(...Object.values(counts)), JSON.stringify(counts));
  });

test("createGossipRouter leaves the node itself for others while calls bounce there, and comes back", async () => {
  const { world, ends, stuck } = await setUp(6, "full");
  await using _ = world;
  await world.run({ forMs: 3_000 });
  const { overloaded = 0, a = 0, b = 0, full = 0 } = countsSince(ends, 0);
  assert.equal(full, 0);
  assert.ok(overloaded > 0 && overloaded * 20 < a + b, `${overloaded} bounced, ${a + b} were answered`);
  stuck.clear();
  await world.run({ forMs: BACK_WITHIN_MS });
  const backMs = world.elapsedMs;
  await world.run({ forMs: 1_000 });
  assert.deepEqual(Object.keys(countsSince(ends, backMs)), ["full"]);
});
