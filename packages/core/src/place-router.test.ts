import assert from "node:assert/strict";
import { test } from "node:test";
import type { Directory } from "./directory.ts";
import { createTableDirectory } from "./directory.ts";
import type { Head, HorizonScope } from "./envelope.ts";
import type { OrreryError } from "./orrery-error.ts";
import { createPlaceRouter } from "./place-router.ts";
import type { Port } from "./port.ts";
import type { Link } from "./transport.ts";

interface FakePort extends Port {
  readonly name: string;
}

function portNamed(name: string, state: { up?: boolean; sameHost?: boolean } = {}): FakePort {
  const { up = true, sameHost = true } = state;
  const link =
    name === "local"
      ? undefined
      : ({ id: 1, remote: name, direction: "out", up, sameHost, allows: () => true } as Link);
  return { name, carriesValues: false, link, send: () => "accepted" };
}

const head = (component: string, scope?: HorizonScope): Head =>
  ({
    component,
    method: "m",
    horizon: scope === undefined ? undefined : { scope, beyond: "bounce", distanceMs: 0, hops: 0 },
  }) as Head;

function setUp(directory: Directory, ports: Readonly<Record<string, FakePort>>, here: readonly string[] = []) {
  const router = createPlaceRouter({
    node: "n",
    directory,
    serves: (component) => here.includes(component),
    local: portNamed("local"),
    port: (address) => ports[address] ?? assert.fail(address),
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
