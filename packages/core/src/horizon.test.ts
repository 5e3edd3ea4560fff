import assert from "node:assert/strict";
import { test } from "node:test";
import { createEnvelope, type Horizon, Kind } from "./envelope.ts";
import { type Distance, type Distances, horizonCheck, isUnmeasured, pastGateway, scopeThrough } from "./horizon.ts";
import type { Port } from "./port.ts";
import type { Link } from "./transport.ts";

function port(where: "here" | "host" | "network" | number): Port {
  const link = {
    id: 1,
    remote: "x",
    direction: "out",
    up: true,
    sameHost: where === "host",
    allows: () => true,
  } as Link;
  const gateways = typeof where === "number" ? { gateways: where } : {};
  return { carriesValues: false, link: where === "here" ? undefined : link, send: () => "accepted", ...gateways };
}

const horizon = (some: Partial<Horizon>): Horizon => ({
  scope: "any",
  beyond: "bounce",
  distanceMs: 0,
  hops: 0,
  ...some,
});
const measured = (distance: Distance | undefined, strict = false): Distances => ({ strict, through: () => distance });

for (const [where, scope] of [
  ["here", "process"],
  ["host", "host"],
  ["network", "network"],
  [1, "any"],
] as const)
  test(`scopeThrough needs scope ${scope} for a port to ${where}`, () =>
    assert.equal(scopeThrough(port(where)), scope));

test("horizonCheck keeps a message within its scope", () => {
  const places = ["here", "host", "network", 1] as const;
  const reached = (["process", "host", "network", "any"] as const).map(
    (scope) => places.filter((where) => horizonCheck(horizon({ scope }), port(where)) === undefined).length,
  );
  assert.deepEqual(reached, [1, 2, 3, 4]);
});

for (const [name, given, place, distances, check] of [
  ["a distance within the limit", { distanceMs: 5 }, "network", measured({ ms: 5, errorMs: 3 }), undefined],
  ["a distance beyond it", { distanceMs: 5 }, "network", measured({ ms: 5.1, errorMs: 0 }), "distance"],
  [
    "an error beyond it where it is strict",
    { distanceMs: 5 },
    "network",
    measured({ ms: 3, errorMs: 3 }, true),
    "distance",
  ],
  ["a distance that nobody knows", { distanceMs: 5 }, "network", measured(undefined, true), undefined],
  ["no way at all", { distanceMs: 5 }, "here", measured({ ms: 9, errorMs: 0 }), undefined],
  ["one gateway of one", { hops: 2 }, 1, undefined, undefined],
  ["one gateway of none", { hops: 1 }, 1, undefined, "hops"],
] as const)
  test(`horizonCheck with ${name} says ${check ?? "yes"}`, () =>
    assert.equal(horizonCheck(horizon(given), port(place), distances), check));

test("horizonCheck sends nothing that cannot arrive in time", () => {
  const envelope = createEnvelope(Kind.request, 1);
  envelope.deadlineMs = 1040;
  envelope.budgetMs = 40;
  assert.equal(horizonCheck(undefined, port("network"), measured({ ms: 40, errorMs: 9 }), envelope), undefined);
  assert.equal(horizonCheck(undefined, port("network"), measured({ ms: 41, errorMs: 0 }), envelope), "budget");
  assert.equal(horizonCheck(undefined, port("here"), measured({ ms: 41, errorMs: 0 }), envelope), undefined);
});

test("isUnmeasured tells a place that nobody has measured from one that is near, where it matters", () => {
  assert.equal(isUnmeasured(horizon({ distanceMs: 5 }), port("network"), measured(undefined)), true);
  assert.equal(isUnmeasured(horizon({ distanceMs: 5 }), port("network"), measured({ ms: 1, errorMs: 0 })), false);
  assert.equal(isUnmeasured(horizon({}), port("network"), measured(undefined)), false);
});

test("pastGateway counts gateways down, and ends where the network does", () => {
  assert.equal(pastGateway(undefined), undefined);
  assert.equal(pastGateway(horizon({ scope: "network" })), "beyond");
  assert.equal(pastGateway(horizon({ hops: 1 })), "beyond");
  assert.deepEqual(pastGateway(horizon({ hops: 3 })), horizon({ hops: 2 }));
  assert.deepEqual(pastGateway(horizon({})), horizon({}));
});
