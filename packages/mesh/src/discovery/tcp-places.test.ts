import assert from "node:assert/strict";
import { test } from "node:test";
import { hostAddresses } from "./system-network.ts";
import { isOfThisHost, reachableAddresses } from "./tcp-places.ts";

const HOST = {
  reachable: ["10.0.0.7", "192.168.1.7"],
  all: new Set(["127.0.0.1", "10.0.0.7", "192.168.1.7", "fe80::1"]),
};

for (const [opened, expected] of [
  ["tcp://0.0.0.0:7101", ["tcp://10.0.0.7:7101", "tcp://192.168.1.7:7101"]],
  ["tcp://[::]:7101?key=5f1a", ["tcp://10.0.0.7:7101?key=5f1a", "tcp://192.168.1.7:7101?key=5f1a"]],
  ["tcp://127.0.0.1:7101", ["tcp://127.0.0.1:7101"]],
  ["memory://a", ["memory://a"]],
] as const)
  test(`reachableAddresses gives ${expected.length} for ${opened}`, () => {
    assert.deepEqual(reachableAddresses([opened], HOST), expected);
  });

test("reachableAddresses stays on a host that has nothing but the loopback", () => {
  assert.deepEqual(reachableAddresses(["tcp://0.0.0.0:1"], { reachable: [], all: new Set() }), ["tcp://127.0.0.1:1"]);
});

for (const [address, expected] of [
  ["tcp://127.0.0.1:1", true],
  ["tcp://localhost:1", true],
  ["tcp://[::1]:1", true],
  ["tcp://[fe80::1]:1", true],
  ["tcp://10.0.0.7:1?key=00", true],
  ["tcp://10.0.0.8:1", false],
  ["memory://a", false],
] as const)
  test(`isOfThisHost says ${expected} of ${address}`, () => {
    assert.equal(isOfThisHost(address, HOST), expected);
  });

test("hostAddresses finds the loopback among all, and not among the reachable", () => {
  const { all, reachable } = hostAddresses();
  assert.ok(all.has("127.0.0.1"));
  assert.ok(!reachable.includes("127.0.0.1"));
});
