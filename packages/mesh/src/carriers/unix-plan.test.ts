import assert from "node:assert/strict";
import { test } from "node:test";
import { createUnixPlan } from "./unix-plan.ts";

const plan = createUnixPlan({
  folder: "/run/o",
  isOfThisHost: (address) => /^tcp:\/\/(127\.|localhost|10\.0\.0\.5|\[::1\])/.test(address),
});

for (const [address, beside] of [
  ["tcp://0.0.0.0:7101", ["ipc:///run/o/7101.sock"]],
  ["tcp://*:7101", ["ipc:///run/o/7101.sock"]],
  ["tcp://[::]:7101", ["ipc:///run/o/7101.sock"]],
  ["tcp://127.0.0.1:7101", ["ipc:///run/o/127.0.0.1-7101.sock"]],
  ["tcp://localhost:7101", ["ipc:///run/o/127.0.0.1-7101.sock"]],
  ["tcp://[::1]:7101", ["ipc:///run/o/___1_-7101.sock"]],
  ["tcp://127.0.0.1:0", []],
  ["ipc:///run/x", []],
] as const) {
  test(`createUnixPlan opens ${beside.join() || "nothing"} beside ${address}`, () => {
    assert.deepEqual(plan.beside(address), beside);
  });
}

for (const [address, nearer] of [
  ["tcp://127.0.0.1:7101", ["ipc:///run/o/127.0.0.1-7101.sock", "ipc:///run/o/7101.sock"]],
  ["tcp://localhost:7101", ["ipc:///run/o/127.0.0.1-7101.sock", "ipc:///run/o/7101.sock"]],
  ["tcp://10.0.0.5:1?key=ab", ["ipc:///run/o/10.0.0.5-1.sock?key=ab", "ipc:///run/o/1.sock?key=ab"]],
  ["tcp://10.0.0.6:7101", []],
  ["ipc:///run/x", []],
  ["sim://a", []],
] as const) {
  test(`createUnixPlan finds ${nearer.join() || "nothing"} nearer than ${address}`, () => {
    assert.deepEqual(plan.nearer(address), nearer);
  });
}

test("createUnixPlan leaves Unix sockets out whose path would be too long", () => {
  const { nearer, beside } = createUnixPlan({ folder: `/${"x".repeat(100)}`, isOfThisHost: () => true });
  assert.deepEqual([nearer("tcp://127.0.0.1:1"), beside("tcp://127.0.0.1:1")], [[], []]);
});
