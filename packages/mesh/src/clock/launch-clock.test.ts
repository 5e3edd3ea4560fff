import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createWorld } from "@orrery/sim";
import { Clock } from "../gen/orrery/clock/v1/clock_pb.ts";
import { createMeshClient } from "../mesh-node.ts";
import { SHOP_WORLD, setupShop } from "../testing/shop-scenario.ts";
import { type LaunchClockOptions, launchClock } from "./launch-clock.ts";

const cwd = fileURLToPath(new URL("../testing/", import.meta.url));
const source = { kind: "scenario", file: "shop-scenario.ts", cwd } as const;

function launch(options: Partial<LaunchClockOptions> = {}) {
  return launchClock({ source, seed: 7, ...options });
}

async function wholeHash(seed: number) {
  const world = createWorld({ ...SHOP_WORLD, seed });
  const outcomes = setupShop(world);
  await world.start();
  await world.run();
  for (const kind of ["reply", "timeout"]) assert.ok(outcomes.some((outcome) => outcome.endsWith(kind)));
  return { hash: world.trace.hash };
}

test("launchClock runs a scenario in 1, 2 and 4 processes with the trace hash of a single world", async () => {
  const { hash } = await wholeHash(7);
  for (const processes of [1, 2, 4]) {
    const app = await launch({ processes });
    const { state } = await app.run();
    const result = await app.stop();
    assert.deepEqual([state, result.hash, result.isWhole], ["idle", hash, true], `${processes} processes`);
    assert.equal(app.members().length, processes);
  }
});

test("launchClock names a process that was killed, and ends with a part of the trace", async () => {
  const app = await launch({ processes: 3 });
  await app.coordinator.run({ untilMs: 50 });
  const [, second] = app.members();
  process.kill(second?.pid ?? 0, "SIGKILL");
  await assert.rejects(() => app.run(), {
    code: "aborted",
    message:
      /member 1 \(shop, visitor-2\) is gone: process \d+ was ended by SIGKILL; its last known event is [\d.]+ ms/,
  });
  const { state, isWhole, hash, failure } = await app.stop();
  assert.deepEqual([state, isWhole, hash.length], ["failed", false, 16]);
  assert.match(failure, /SIGKILL/);
});

test("launchClock names a process that is stuck, and ends it", async () => {
  process.env["SHOP_LOOPS"] = "visitor-1";
  try {
    const app = await launch({ processes: 3, stallMs: 300 });
    await assert.rejects(() => app.run(), {
      code: "deadline_exceeded",
      message: /member 0 \(stock, visitor-1\) has done nothing for 0.3 s/,
    });
    const { state, isWhole } = await app.stop();
    assert.deepEqual([state, isWhole], ["failed", false]);
  } finally {
    delete process.env["SHOP_LOOPS"];
  }
});

test("launchClock stands still while a process is held, and nothing times out", async () => {
  const { hash } = await wholeHash(7);
  const app = await launch({ processes: 2 });
  await app.coordinator.run({ untilMs: 100 });
  const pid = app.members()[1]?.pid ?? 0;
  process.kill(pid, "SIGSTOP");
  const running = app.run();
  // Wall time is the point here: it must pass without the world's passing. Every timeout of the scenario is shorter.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal(app.coordinator.status.state, "running");
  process.kill(pid, "SIGCONT");
  assert.equal((await running).state, "idle");
  assert.equal((await app.stop()).hash, hash);
});

test("launchClock serves its clock to everybody on the network", async () => {
  const { hash } = await wholeHash(7);
  await using app = await launch({ processes: 2 });
  await using caller = await createMeshClient({ directory: app.directory });
  const clock = caller.client(Clock);
  assert.equal((await clock.status({})).state, "paused");
  const first = await clock.step({});
  assert.deepEqual([first.state, first.events], ["paused", 1]);
  const { elapsedMs, nextMs = 0 } = await clock.until({ timeMs: 40, words: [] });
  assert.ok(elapsedMs < 40 && nextMs >= 40);
  assert.match(
    (await clock.until({ words: ["fault", "cut visitor-0"] })).matched,
    /^60 ms fault at world: cut visitor-0>shop$/,
  );
  assert.ok((await clock.tick({ count: 2 })).elapsedMs > 60);
  await assert.rejects(() => clock.until({ words: [] }), { code: "invalid_argument", message: /until nothing/ });
  await assert.rejects(() => clock.inject({ fault: "crash nobody" }), { message: /nobody/ });
  assert.equal((await clock.until({ words: ["never at all"] })).state, "idle");
  const { state, hash: ended, members } = await clock.stop({});
  assert.deepEqual([state, ended, members.length], ["ended", hash, 2]);
  assert.equal((await app.stopped).hash, hash);
});

test("launchClock runs components under one clock, each in a process of its own, and lets calls in", async () => {
  const { Shop } = await import("../testing/shop-components.ts");
  await using app = await launchClock({
    source: { kind: "components", paths: ["shop-components.ts"], cwd, latency: 5 },
  });
  assert.deepEqual(
    app.members().map(({ nodes }) => nodes.join()),
    ["shop", "stock", "outside"],
  );
  void app.run();
  await using caller = await createMeshClient({ directory: app.directory });
  const first = await caller.client(Shop).buy({ item: "gear" });
  const second = await caller.client(Shop).buy({ item: "gear" });
  assert.deepEqual([first.left, second.left], [99, 98]);
  // The world's time begins with 2026, and what the machine took does not count.
  const sinceMs = first.atMs - Date.UTC(2026, 0, 1);
  assert.ok(sinceMs > 20 && sinceMs < 60 && second.atMs > first.atMs, `${sinceMs} ms`);
  await caller.client(Clock).pause({});
  const waiting = caller.client(Shop).buy({ item: "gear" });
  await caller.client(Clock).run({});
  assert.equal((await waiting).left, 97);
});

test("launchClock refuses what cannot be divided, and leaves no process behind", async () => {
  await assert.rejects(() => launch({ processes: 0 }), { message: /Cannot divide a world among 0 processes/ });
  await assert.rejects(() => launch({ place: { stock: 5 } }), { message: /Cannot place node "stock" in member 5/ });
  await assert.rejects(() => launch({ source: { ...source, file: "shop-components.ts" } }), {
    message: /default export is no scenario/,
  });
  await assert.rejects(
    () => launchClock({ source: { kind: "components", paths: ["shop-components.ts"], cwd, latency: 0 } }),
    {
      code: "failed_precondition",
      message: /may take no time at all/,
    },
  );
});
