import assert from "node:assert/strict";
import { test } from "node:test";
import type { Random } from "@orrery/core";
import type { Candidate, Candidates } from "./candidate.ts";
import { choosePlace, explainChoice, type PlaceRequest, STAGES, type Stage } from "./choose-place.ts";
import { FEW_PLACES } from "./limits.ts";

const ANY: PlaceRequest = { version: "", shardKey: "", horizon: undefined };
/** Lots that are the same again: a linear congruential generator. */
function random(): Random {
  let state = 7;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return { next, integer: (bound) => Math.floor(next() * bound), bytes: (count) => new Uint8Array(count) };
}

function place(node: string, given: Partial<Candidate> = {}): Candidate {
  const base = {
    node,
    address: `tcp://${node}:1`,
    nearness: "network",
    version: "1.0.0",
    fingerprint: "00",
    status: "alive",
  } as const;
  return {
    ...base,
    isUp: true,
    trouble: "",
    instances: 1,
    freeSlots: 1,
    inFlight: 0,
    distance: undefined,
    ...given,
  };
}

function among(...places: readonly Candidate[]): Candidates {
  const of = (nearness: Candidate["nearness"]) => places.filter((one) => one.nearness === nearness);
  return { process: of("process")[0], host: of("host"), network: of("network"), remote: of("remote") };
}

function countOf(candidates: Candidates, times: number, request = ANY, stages = STAGES): Record<string, number> {
  const counts: Record<string, number> = {};
  const state = { stages, random: random() };
  for (let time = 0; time < times; time++) {
    const node = choosePlace(candidates, request, state)?.node ?? "nobody";
    counts[node] = (counts[node] ?? 0) + 1;
  }
  return counts;
}

test("choosePlace spreads evenly over places that are alike", () => {
  for (const count of [2, 3, 10, 100]) {
    const counts = countOf(among(...Array.from({ length: count }, (_, index) => place(`n${index}`))), count * 200);
    assert.equal(Object.keys(counts).length, count);
    const chi = Object.values(counts).reduce((sum, seen) => sum + (seen - 200) ** 2 / 200, 0);
    assert.ok(chi < count + 4 * Math.sqrt(2 * count), `χ² is ${chi} for ${count}`); // Four deviations above the mean.
  }
});

test("choosePlace spreads evenly over the least busy of few, wherever they stand", () => {
  const busy = (node: string) => place(node, { inFlight: 1 });
  const counts = countOf(among(busy("a"), place("b"), place("c"), busy("d")), 400);
  assert.deepEqual(Object.keys(counts).sort(), ["b", "c"]);
  assert.ok(Math.abs((counts["b"] ?? 0) - 200) < 4 * Math.sqrt(100), JSON.stringify(counts)); // Four deviations.
});

for (const [count, share] of [
  [FEW_PLACES, 1],
  [FEW_PLACES + 1, 2 / (FEW_PLACES + 1)],
] as const)
  test(`choosePlace takes the least busy of ${FEW_PLACES} places, and of ${FEW_PLACES + 1} the less busy of two drawn: ${count}`, () => {
    const others = Array.from({ length: count - 1 }, (_, index) => place(`n${index}`, { inFlight: 1 }));
    const { idle = 0 } = countOf(among(place("idle"), ...others), 1000);
    assert.ok(Math.abs(idle - 1000 * share) <= 4 * Math.sqrt(1000 * share * (1 - share)), `${idle} of 1000`);
  });

test("choosePlace sends what comes back from one place there again, in one batch", () => {
  const places = Array.from({ length: FEW_PLACES }, (_, index) => ({ ...place(`n${index}`), instances: 4 }));
  const state = { stages: STAGES, random: random() };
  const open = () => {
    const chosen = choosePlace(among(...places), ANY, state) as (typeof places)[number];
    (chosen as { inFlight: number }).inFlight++;
    return chosen.node;
  };
  for (let call = 0; call < 16 * FEW_PLACES; call++) open();
  for (const answering of places) {
    (answering as { inFlight: number }).inFlight -= 16;
    assert.deepEqual([...new Set(Array.from({ length: 16 }, open))], [answering.node]);
  }
});

test("choosePlace takes the least busy of few, and never the busiest of all", () => {
  const counts = countOf(
    among(place("a", { inFlight: 9 }), place("b", { inFlight: 2 }), place("c", { inFlight: 2, instances: 4 })),
    3000,
  );
  assert.equal(counts["a"], undefined);
  assert.ok((counts["c"] ?? 0) > 1.8 * (counts["b"] ?? 0), JSON.stringify(counts));
});

test("choosePlace avoids a place that others keep busy, as it told", () => {
  const counts = countOf(among(place("a", { freeSlots: 0 }), place("b")), 100);
  assert.deepEqual(counts, { b: 100 });
});

test("choosePlace stays in the process, then on the host while it has room, then goes farther when that is twice as idle", () => {
  const far = place("far", { inFlight: 1 });
  const near = (inFlight: number) => place("near", { nearness: "host", instances: 2, inFlight, freeSlots: undefined });
  const chosen = (...places: readonly Candidate[]) =>
    choosePlace(among(...places), ANY, { stages: STAGES, random: random() })?.node;
  assert.equal(chosen(place("here", { nearness: "process", inFlight: 50 }), near(0), far), "here");
  assert.equal(chosen(near(1), place("far")), "near");
  assert.equal(chosen(near(7), far), "near");
  assert.equal(chosen(near(8), far), "far");
});

test("choosePlace takes a place where calls bounce only where they do everywhere, and then the least busy", () => {
  const bouncing = (node: string, given: Partial<Candidate> = {}) => place(node, { isBouncing: true, ...given });
  const busy = { inFlight: 60_000, freeSlots: 0 } as const;
  const chosen = (...places: readonly Candidate[]) => Object.keys(countOf(among(...places), 20));
  assert.deepEqual(chosen(bouncing("a"), place("b", busy), bouncing("c")), ["b"]);
  assert.deepEqual(chosen(bouncing("a", { nearness: "host" }), place("b", busy)), ["b"]);
  assert.deepEqual(chosen(bouncing("a", { nearness: "process" }), place("b", busy)), ["b"]);
  assert.deepEqual(chosen(bouncing("a"), place("b", { ...busy, nearness: "remote" })), ["b"]);
  assert.deepEqual(chosen(bouncing("a", { nearness: "process" })), ["a"]);
  assert.deepEqual(chosen(bouncing("a", { inFlight: 1 }), bouncing("b"), bouncing("c", { inFlight: 2 })), ["b"]);
  const { text } = explainChoice(among(bouncing("a"), place("b")), ANY, STAGES);
  assert.match(
    text,
    /^a 1\.0\.0 \(network\): comes after all others, calls bounced there lately\nb .*: may be chosen, /,
  );
  const many = Array.from({ length: FEW_PLACES }, (_, index) => place(`n${index}`, busy));
  assert.ok(!chosen(bouncing("a"), ...many).includes("a"));
});

for (const [stage, left, request, why] of [
  ["alive", { status: "dead" }, {}, "its node is dead"],
  ["alive", { status: "left" }, {}, "its node left"],
  ["version", { version: "1.1.0" }, { version: "1.0.0" }, "its version is 1.1.0, wanted is 1.0.0"],
  ["horizon", {}, { scope: "host" }, "it is in another host, the horizon is the host"],
  ["horizon", {}, { scope: "process" }, "it is in another host, the horizon is the process"],
  [
    "horizon",
    { distance: { ms: 5.5, errorMs: 0.25 } },
    { distanceMs: 5 },
    "it is 5.5 ± 0.3 ms away, the horizon is 5 ms",
  ],
  ["reachable", { isUp: false, trouble: "refused" }, {}, "it cannot be reached: refused"],
] as const)
  test(`choosePlace leaves out by ${stage}: ${why}`, () => {
    const {
      scope = "any",
      distanceMs = 0,
      version = "",
    } = request as { scope?: "any"; distanceMs?: number; version?: string };
    const horizon = { scope, distanceMs, beyond: "bounce", hops: 0 } as const;
    const wanted = { version, shardKey: "", horizon };
    const candidates = among(
      place("bad", left),
      place("good", { nearness: "process", distance: { ms: 0, errorMs: 0 } }),
    );
    assert.deepEqual(countOf(among(place("bad", left)), 5, wanted), stage === "reachable" ? { bad: 5 } : { nobody: 5 });
    const { candidates: explained, text } = explainChoice(candidates, wanted, STAGES);
    assert.deepEqual(explained.find(({ node }) => node === "bad")?.leftOut, { stage, why });
    assert.match(text, /^good 1\.0\.0 \(process\): may be chosen, busyness 1\.00\nbad /);
  });

test("choosePlace passes over a place without a connection while there is another", () => {
  const candidates = among(place("a", { isUp: false }), place("b"), place("c", { isUp: false, trouble: "refused" }));
  assert.deepEqual(countOf(candidates, 50), { b: 50 });
});

test("choosePlace asks stages that are added, and finds the one place of many that passes", () => {
  const breaker: Stage = { name: "breaker", keeps: ({ node }) => node === "n77", why: () => "its circuit is open" };
  const many = among(...Array.from({ length: 1000 }, (_, index) => place(`n${index}`)));
  assert.deepEqual(countOf(many, 20, ANY, [...STAGES, breaker]), { n77: 20 });
  assert.match(
    explainChoice(many, ANY, [...STAGES, breaker]).text,
    /^n0 1\.0\.0 \(network\): left out by breaker: its circuit is open$/m,
  );
});

test("choosePlace sends a key to one place, and moves only the keys of a place that goes", () => {
  const places = Array.from({ length: 10 }, (_, index) => place(`n${index}`, { inFlight: index }));
  const keys = Array.from({ length: 500 }, (_, index) => `key-${index}`);
  const placed = (all: readonly Candidate[]) =>
    keys.map(
      (shardKey) => choosePlace(among(...all), { ...ANY, shardKey }, { stages: STAGES, random: random() })?.node,
    );
  const before = placed(places);
  const after = placed(places.filter(({ node }) => node !== "n3"));
  assert.equal(new Set(before).size, 10);
  for (const [index, node] of before.entries()) if (node !== "n3") assert.equal(after[index], node);
});

test("choosePlace is the same again for the same lots", () => {
  const candidates = among(...Array.from({ length: 50 }, (_, index) => place(`n${index}`, { inFlight: index % 3 })));
  assert.deepEqual(countOf(candidates, 200), countOf(candidates, 200));
});

for (const [what, near, away, wanted] of [
  ["there is none here", undefined, {}, "away"],
  ["one here is idle", {}, {}, "near"],
  ["one here is busy, and not four times as busy", { inFlight: 2, freeSlots: 0 }, {}, "near"],
  ["one here is more than four times as busy", { inFlight: 4, freeSlots: 0 }, {}, "away"],
  ["those elsewhere are as busy", { inFlight: 9, freeSlots: 0 }, { inFlight: 2, freeSlots: 0 }, "near"],
  ["one here is not connected yet", { isUp: false }, {}, "near"],
  ["one here cannot be reached", { isUp: false, trouble: "refused" }, {}, "away"],
  ["neither can be reached", { isUp: false, trouble: "refused" }, { isUp: false }, "near"],
  ["one here is dead", { status: "dead" }, {}, "away"],
  ["one of this process is busy", { nearness: "process", inFlight: 99, freeSlots: 0 }, {}, "near"],
] as const)
  test(`choosePlace goes to another network as a last resort: ${what}`, () => {
    const remote = place("away", { nearness: "remote", ...away });
    const candidates = among(...(near === undefined ? [] : [place("near", near)]), remote);
    for (const shardKey of ["", "k"])
      assert.deepEqual(countOf(candidates, 20, { ...ANY, shardKey }), { [wanted]: 20 }, `key "${shardKey}"`);
  });

for (const [horizon, why] of [
  [{ scope: "network", hops: 0 }, "it is in another network, the horizon is the network"],
  [{ scope: "host", hops: 0 }, "it is in another network, the horizon is the host"],
  [{ scope: "any", hops: 1 }, "it is behind a gateway, the horizon has none"],
] as const)
  test(`choosePlace leaves out other networks by a horizon: ${why}`, () => {
    const request = { ...ANY, horizon: { beyond: "bounce", distanceMs: 0, ...horizon } } as const;
    const candidates = among(place("away", { nearness: "remote" }));
    assert.deepEqual(countOf(candidates, 5, request), { nobody: 5 });
    assert.equal(explainChoice(candidates, request, STAGES).candidates[0]?.leftOut?.why, why);
  });
