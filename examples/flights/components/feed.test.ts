import assert from "node:assert/strict";
import { test } from "node:test";
import { createNode, defineComponent } from "@orrery/core";
import { FeedService, type Sky } from "../gen/flights/v1/feed_pb.ts";
import { type Closure, PlannerService } from "../gen/flights/v1/planner_pb.ts";
import { createManualClock } from "../testing/manual-clock.ts";
import { createSeededRandom } from "../testing/seeded-random.ts";
import feed from "./feed.ts";

/** Starts the feed under a clock that stands still, with a planner that only writes down what it hears. */
async function startFeed() {
  const clock = createManualClock();
  const heard: Closure[] = [];
  const planner = defineComponent(PlannerService, () => ({
    planTrip: () => ({}),
    noteClosure: (closure) => void heard.push(closure),
  }));
  const node = createNode({ components: [feed, planner], clock, random: createSeededRandom(1), local: "encode" });
  await node.start();
  return {
    node,
    clock,
    heard,
    client: node.client(FeedService),
    [Symbol.asyncDispose]: () => node.stop({ timeoutMs: 0 }),
  };
}

/** Takes the next sky of a stream that goes on. */
async function nextSky(skies: AsyncIterator<Sky>): Promise<Sky> {
  const { value, done } = await skies.next();
  assert.notEqual(done, true);
  return value;
}

test("watchAircraft gives a sky at once, and the next after its interval", async () => {
  await using run = await startFeed();
  const skies = run.client.watchAircraft({ intervalMs: 500 });
  const first = await nextSky(skies);
  assert.equal(first.minuteOfDay, 900);
  assert.ok(first.aircraft.length > 300);
  const second = nextSky(skies);
  await Promise.resolve();
  run.clock.advance(500);
  const moved = (await second).aircraft.find(({ flight }) => flight === first.aircraft[0]?.flight);
  assert.ok((moved?.progress ?? 0) > (first.aircraft[0]?.progress ?? 1));
  await skies.return?.();
});

test("watchAircraft gives several readers the same sky, and counts them", async () => {
  await using run = await startFeed();
  const [one, two] = [run.client.watchAircraft({}), run.client.watchAircraft({})];
  const [a, b] = [await nextSky(one), await nextSky(two)];
  assert.deepEqual(a.aircraft, b.aircraft);
  assert.deepEqual([a.readers, b.readers], [1, 2]);
  await one.return?.();
  const third = run.client.watchAircraft({});
  assert.equal((await nextSky(third)).readers, 2);
  await Promise.all([two.return?.(), third.return?.()]);
});

test("watchAircraft keeps to the airports asked for", async () => {
  await using run = await startFeed();
  const skies = run.client.watchAircraft({ airports: ["sea"] });
  const aircraft = (await nextSky(skies)).aircraft;
  assert.ok(aircraft.length > 3 && aircraft.length < 100);
  assert.ok(aircraft.every(({ origin, destination }) => origin === "SEA" || destination === "SEA"));
  await skies.return?.();
});

test("closeAirport is accepted, tells every planner and shows in the sky", async () => {
  await using run = await startFeed();
  const closure = { iata: "ord", reason: "snow", lasts: { seconds: 60n } };
  await run.node.send(FeedService).closeAirport(closure).accepted;
  const skies = run.client.watchAircraft({});
  assert.deepEqual(
    (await nextSky(skies)).closures.map(({ iata, reason, lasts }) => [iata, reason, lasts?.seconds]),
    [["ORD", "snow", 60n]],
  );
  assert.deepEqual(
    run.heard.map(({ iata, reason }) => [iata, reason]),
    [["ORD", "snow"]],
  );
  await skies.return?.();
});

const DROPPED: readonly [string, { iata: string; lasts?: { seconds: bigint } }][] = [
  ["an unknown airport", { iata: "QQQ", lasts: { seconds: 60n } }],
  ["an airfield without airline", { iata: "00M", lasts: { seconds: 60n } }],
  ["no time", { iata: "ORD" }],
  ["less than no time", { iata: "ORD", lasts: { seconds: -1n } }],
  ["more than a day", { iata: "ORD", lasts: { seconds: 86_401n } }],
];

for (const [what, closure] of DROPPED)
  test(`closeAirport drops an order for ${what}`, async () => {
    await using run = await startFeed();
    await run.node.send(FeedService).closeAirport(closure).accepted;
    const skies = run.client.watchAircraft({});
    assert.deepEqual((await nextSky(skies)).closures, []);
    assert.deepEqual(run.heard, []);
    await skies.return?.();
  });
