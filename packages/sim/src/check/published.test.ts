import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLinearizability } from "./linearizability.ts";
import { type MapInput, mapModel, type RegisterInput, registerModel } from "./models.ts";
import type { Operation } from "./operation.ts";
import { publishedHistory } from "./testing/published-history.ts";

const etcd: [name: string, operations: number, verdict: "yes" | "no"][] = [
  ["etcd-000", 85, "no"],
  ["etcd-001", 86, "no"],
  ["etcd-002", 77, "yes"],
  ["etcd-005", 79, "yes"],
  ["etcd-007", 81, "yes"],
  ["etcd-099", 82, "no"],
];
for (const [name, operations, verdict] of etcd)
  test(`checkLinearizability says ${verdict} of the published history ${name}`, () => {
    const history = publishedHistory(name) as Operation<RegisterInput<number>, number | boolean | null>[];
    assert.equal(history.length, operations);
    assert.equal(checkLinearizability(registerModel<number>(), history).verdict, verdict);
  });

const store: [name: string, operations: number, verdict: "yes" | "no"][] = [
  ["kv-c01-ok", 58, "yes"],
  ["kv-c01-bad", 38, "no"],
  ["kv-c10-ok", 187, "yes"],
  ["kv-c10-bad", 96, "no"],
];
for (const [name, operations, verdict] of store)
  test(`checkLinearizability says ${verdict} of the published history ${name}`, () => {
    const history = publishedHistory(name) as Operation<MapInput<string>, string | boolean | null>[];
    assert.equal(history.length, operations);
    assert.equal(checkLinearizability(mapModel<string>(""), history).verdict, verdict);
  });
