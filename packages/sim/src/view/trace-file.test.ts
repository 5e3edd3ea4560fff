import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorld } from "../world/create-world.ts";
import { type Recording, recordingOf } from "./recording.ts";
import { shopRun } from "./testing/shop-run.ts";
import { readTrace, writeTrace } from "./trace-file.ts";

const fileOf = (recording: Recording) => [...writeTrace(recording)].join("\n");

test("writeTrace gives what readTrace reads, and the same bytes for the same run", async () => {
  const recording = await shopRun();
  const text = fileOf(recording);
  assert.deepEqual(readTrace(text), recording);
  assert.deepEqual(readTrace(`${text}\n`), recording);
  assert.deepEqual(readTrace(text.split("\n")), recording);
  assert.equal(fileOf(await shopRun()), text);
  assert.equal(fileOf(readTrace(text)), text);
});

test("writeTrace names format, seed and nodes first, and writes keys in one order whatever that of the record", async () => {
  const recording = await shopRun();
  const header = JSON.parse(writeTrace(recording).next().value ?? "") as Record<string, unknown>;
  assert.deepEqual(Object.keys(header), ["format", "scenario", "seed", "epochMs", "nodes", "chain"]);
  assert.equal(header["format"], "orrery-trace/1");
  assert.deepEqual((header["nodes"] as object[])[1], { name: "store", number: 2, machine: "rack", zone: "north" });
  const turned = recording.records.map((record) => Object.fromEntries(Object.entries(record).reverse()));
  assert.equal(fileOf({ ...recording, records: turned as unknown as Recording["records"] }), fileOf(recording));
});

const refusals: readonly (readonly [string, (lines: string[]) => void, string, RegExp])[] = [
  ["is empty", (lines) => lines.splice(0), "invalid_argument", /it is empty$/],
  [
    "is another file",
    (lines) => lines.splice(0, 9, "{}"),
    "invalid_argument",
    /names no format, give a file that begins/,
  ],
  [
    "is of another version",
    (lines) => lines.splice(0, 1, '{"format":"orrery-trace/9","chain":"0000000000000000"}'),
    "invalid_argument",
    /of format "orrery-trace\/9": this version reads "orrery-trace\/1"/,
  ],
  ["has a line that is no JSON", (lines) => lines.splice(4, 1, "{ no"), "data_loss", /line 5 .* no JSON/],
  [
    "has a digit changed",
    (lines) => lines.splice(6, 1, (lines[6] ?? "").replace(/"tick":\d/, '"tick":9')),
    "data_loss",
    /line 7 of the trace: its chain is "[0-9a-f]{16}" and should be/,
  ],
  ["has a line left out", (lines) => lines.splice(6, 1), "data_loss", /line 7 .* was changed or left out/],
  ["has two lines swapped", (lines) => lines.splice(6, 2, lines[7] ?? "", lines[6] ?? ""), "data_loss", /line 7 /],
  ["is cut off between lines", (lines) => lines.splice(20), "data_loss", /it was cut off after line 20/],
  ["is cut off in a line", (lines) => lines.splice(20, 999, "{"), "data_loss", /line 21 /],
  ["goes on after its end", (lines) => lines.push(lines[3] ?? ""), "data_loss", /ended in the line before$/],
  ["has no chain", (lines) => lines.splice(1, 1, '{"tick":1}'), "data_loss", /line 2 .* does not end with its "chain"/],
];

for (const [what, change, code, message] of refusals) {
  test(`readTrace refuses a trace that ${what}`, async () => {
    const lines = [...writeTrace(await shopRun())];
    change(lines);
    assert.throws(() => readTrace(lines), { code, message });
  });
}

test("readTrace says which field of a line cannot be", async () => {
  const recording = await shopRun();
  const [record] = recording.records;
  const read = (change: object) => () =>
    readTrace(fileOf({ ...recording, records: [{ ...record, ...change }] as Recording["records"] }));
  assert.throws(read({ tick: -1 }), { message: 'Cannot read line 2 of the trace: "tick" is -1' });
  assert.throws(read({ kind: "gossip" }), { message: /"kind" is "gossip"/ });
  assert.throws(read({ phase: 7 }), { message: /"phase" is 7/ });
  assert.throws(read({ what: { step: 1 } }), { message: /"what" is/ });
});

test("recordingOf refuses a world that has kept no lines", async () => {
  const world = createWorld();
  world.node("a");
  await world.start();
  assert.equal(recordingOf(world).records.length, 0);
  world.inject("pause a");
  assert.throws(() => recordingOf(world), { code: "failed_precondition", message: /create it with trace: "keep"$/ });
});
