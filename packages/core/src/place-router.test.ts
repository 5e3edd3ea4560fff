import assert from "node:assert/strict";
import { test } from "node:test";
import { Bounces } from "./bounces.ts";
import type { Directory } from "./directory.ts";
import { createTableDirectory } from "./directory.ts";
import type { Head, HorizonScope } from "./envelope.ts";
import type { NodeLimits, RefusalCheck } from "./guard.ts";
import type { OrreryError } from "./orrery-error.ts";
import { createPlaceRouter } from "./place-router.ts";
import type { Port } from "./port.ts";
import type { Link } from "./transport.ts";

interface FakePort extends Port {
  readonly name: string;
}

function portNamed(
  name: string,
  state: { up?: boolean; sameHost?: boolean; leaving?: Port["leaving"] } = {},
): FakePort {
  const { up = true, sameHost = true, leaving } = state;
  const link =
    name === "local"
      ? undefined
      : ({ id: 1, remote: name, direction: "out", up, sameHost, allows: () => true } as Link);
  return { name, carriesValues: false, link, leaving, send: () => "accepted" };
}

const head = (component: string, scope?: HorizonScope): Head =>
  ({
    component,
    method: "m",
    horizon: scope === undefined ? undefined : { scope, beyond: "bounce", distanceMs: 0, hops: 0 },
  }) as Head;

function setUp(
  directory: Directory,
  ports: Readonly<Record<string, FakePort>>,
  here: readonly string[] = [],
  limits: NodeLimits = {},
) {
  const router = createPlaceRouter({
    node: "n",
    directory,
    serves: (component) => here.includes(component),
    local: portNamed("local"),
    port: (address) => ports[address] ?? assert.fail(address),
    limits,
  });
  const pick = (of: Head) => (router.pick(of) as FakePort).name;
  return { router, pick, all: (of: Head) => router.all(of).map((port) => (port as FakePort).name) };
}

test("createPlaceRouter calls a component that runs here, here", () => {
  const { pick } = setUp(createTableDirectory({ a: ["x"] }), { x: portNamed("x") }, ["a"]);
  assert.equal(pick(head("a")), "local");
});

test("createPlaceRouter takes the addresses of a component in turn", () => {
  const { pick } = setUp(createTableDirectory({ a: ["x", "y", "z"], b: ["y"] }), {
    x: portNamed("x"),
    y: portNamed("y"),
    z: portNamed("z"),
  });
  assert.deepEqual(
    [1, 2, 3, 4].map(() => pick(head("a"))),
    ["x", "y", "z", "x"],
  );
  assert.deepEqual([pick(head("b")), pick(head("a"))], ["y", "y"]);
});

test("createPlaceRouter prefers addresses that are up, and takes any when none is", () => {
  const directory = createTableDirectory({ a: ["x", "y"], b: ["x"] });
  const { pick } = setUp(directory, { x: portNamed("x", { up: false }), y: portNamed("y") });
  assert.deepEqual([pick(head("a")), pick(head("a")), pick(head("b"))], ["y", "y", "x"]);
});

for (const scope of [undefined, "network"] as const) {
  test(`createPlaceRouter takes one that is leaving when there is no other, ${scope ?? "whatever the"} horizon`, () => {
    const directory = createTableDirectory({ a: ["x", "y", "z"], b: ["x", "y"], c: ["x", "w"] });
    const { pick } = setUp(directory, {
      x: portNamed("x", { leaving: "stopping" }),
      y: portNamed("y", { leaving: "stopped" }),
      z: portNamed("z"),
      w: portNamed("w", { up: false }),
    });
    const picked = (name: string) => [1, 2, 3, 4].map(() => pick(head(name, scope)));
    assert.deepEqual(picked("a"), ["z", "z", "z", "z"]);
    assert.deepEqual(picked("b"), ["x", "y", "x", "y"]);
    assert.deepEqual(picked("c"), ["w", "w", "w", "w"], "it may come up, and the other takes nothing");
  });
}

for (const scope of [undefined, "network"] as const) {
  test(`createPlaceRouter spares one that bounced lately where another is up, ${scope ?? "whatever the"} horizon`, () => {
    const directory = createTableDirectory({ a: ["x", "y", "z"], b: ["x", "y"], c: ["x", "w"], d: ["x"] });
    let nowMs = 0;
    const bounces = new Bounces({ monotonic: () => nowMs });
    const x = Object.assign(portNamed("x"), { bounces });
    const { pick } = setUp(directory, { x, y: portNamed("y"), z: portNamed("z"), w: portNamed("w", { up: false }) });
    const picked = (name: string) => [1, 2, 3, 4].map(() => pick(head(name, scope)));
    for (const name of ["a", "c", "d"]) bounces.add(name);
    assert.deepEqual([...new Set(picked("a"))].sort(), ["y", "z"]);
    assert.deepEqual(picked("b"), ["x", "y", "x", "y"], "it takes other components");
    assert.deepEqual(picked("c"), ["x", "x", "x", "x"], "the other does not answer at all");
    assert.deepEqual(picked("d"), ["x", "x", "x", "x"], "there is no other");
    nowMs = 60_000;
    assert.ok(picked("a").includes("x"), "it is tried again");
  });
}

test("createPlaceRouter sees what a directory has learned since", () => {
  let addresses = ["x"];
  const directory = { resolve: () => addresses, components: () => ["a"] };
  const { pick } = setUp(directory, { x: portNamed("x"), y: portNamed("y") });
  assert.equal(pick(head("a")), "x");
  addresses = ["y"];
  assert.equal(pick(head("a")), "y");
});

test("createPlaceRouter refuses a component that is nowhere, naming what it knows", () => {
  const { pick } = setUp(createTableDirectory({ a: ["x"], b: [] }), { x: portNamed("x") });
  for (const component of ["b", "c"]) {
    assert.throws(
      () => pick(head(component)),
      ({ reason, message }: OrreryError) =>
        reason === "no_such_component" &&
        message === `Cannot call component "${component}": it does not run here and the directory has "a", "b"`,
    );
  }
});

test("createPlaceRouter leaves out what lies beyond the horizon", () => {
  const directory = createTableDirectory({ a: ["near", "far"], b: ["far"] });
  const { pick, all } = setUp(directory, { near: portNamed("near"), far: portNamed("far", { sameHost: false }) });
  assert.deepEqual([pick(head("a", "host")), pick(head("a", "host"))], ["near", "near"]);
  assert.deepEqual([pick(head("b", "network")), pick(head("b", "any"))], ["far", "far"]);
  assert.deepEqual([all(head("a", "host")), all(head("b", "host")), all(head("a"))], [["near"], [], ["near", "far"]]);
  for (const [component, scope] of [
    ["b", "host"],
    ["a", "process"],
  ] as const) {
    assert.throws(
      () => pick(head(component, scope)),
      ({ reason, message }: OrreryError) =>
        reason === "horizon_exceeded" &&
        message === `Cannot call "${component}.m": its horizon is the ${scope}, and every place lies beyond`,
    );
  }
});

test("createPlaceRouter sends a broadcast here and to every address", () => {
  const { all } = setUp(
    createTableDirectory({ a: ["x", "y"] }),
    { x: portNamed("x"), y: portNamed("y", { up: false }) },
    ["a"],
  );
  assert.deepEqual(all(head("a")), ["local", "x", "y"]);
  assert.deepEqual(all(head("nowhere")), []);
});

/** Limits that refuse the ways named, for a reason each, and count what was refused at last. */
function refusing(ways: Readonly<Record<string, RefusalCheck>>) {
  const told: string[] = [];
  const limits: NodeLimits = {
    guard: {
      refusal(port) {
        const check = ways[(port as FakePort).name];
        return check && { check, beyond: "bounce", why: () => `is refused by a ${check}` };
      },
      took: () => undefined,
      ended: () => undefined,
      refused: ({ check }) => told.push(check),
    },
  };
  return { limits, told };
}

test("createPlaceRouter leaves out what its limits refuse, the component that runs here included", () => {
  const ports = { x: portNamed("x"), y: portNamed("y"), z: portNamed("z", { up: false }) };
  const { limits } = refusing({ local: "breaker", x: "breaker" });
  const { pick } = setUp(createTableDirectory({ a: ["x", "y", "z"] }), ports, ["a"], limits);
  assert.deepEqual([pick(head("a")), pick(head("a"))], ["y", "y"]);
});

test("createPlaceRouter names the refusal that came last in the order of checks, and each way", () => {
  const ports = { x: portNamed("x"), y: portNamed("y", { sameHost: false }) };
  const { limits, told } = refusing({ x: "throttle" });
  const { pick } = setUp(createTableDirectory({ a: ["x", "y"] }), ports, [], limits);
  assert.throws(() => pick(head("a", "host")), {
    reason: "throttled",
    message: 'Cannot call "a.m": "x" is refused by a throttle; "y" lies beyond the scope of its horizon',
  });
  assert.deepEqual(told, ["throttle"]);
});

test("createPlaceRouter takes a place known to be near before one that nobody has measured, and never one too far", () => {
  const ports = { far: portNamed("far"), near: portNamed("near"), new: portNamed("new") };
  const known: Record<string, number> = { far: 40, near: 4 };
  const through = (port: Port) => {
    const ms = known[(port as FakePort).name];
    return ms === undefined ? undefined : { ms, errorMs: 1 };
  };
  const directory = createTableDirectory({ a: ["far", "new", "near"] });
  const { pick } = setUp(directory, ports, [], { distances: { strict: false, through } });
  const within = (distanceMs: number) => ({
    ...head("a"),
    horizon: { scope: "any", beyond: "bounce", distanceMs, hops: 0 } as const,
  });
  assert.deepEqual(
    [1, 2, 3].map(() => pick(within(5))),
    ["near", "near", "near"],
  );
  assert.deepEqual(
    [1, 2, 3].map(() => pick(within(3))),
    ["new", "new", "new"],
  );
  known["new"] = 5;
  assert.throws(() => pick(within(3)), { reason: "horizon_exceeded", details: { check: "distance" } });
});
