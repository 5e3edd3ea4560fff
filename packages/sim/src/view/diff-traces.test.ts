import assert from "node:assert/strict";
import { test } from "node:test";
import { diffTraces } from "./diff-traces.ts";
import { shopRun } from "./testing/shop-run.ts";

test("diffTraces finds nothing between two runs of one seed", async () => {
  assert.equal(diffTraces(await shopRun(), await shopRun()), undefined);
});

test("diffTraces finds a body that differs, and what led to it in both", async () => {
  const diff = diffTraces(await shopRun(), await shopRun({ amount: 9 })) ?? assert.fail();
  assert.deepEqual(diff.fields, ["hash"]);
  for (const { record, causes } of [diff.a, diff.b]) {
    assert.equal(record?.text, "request 4 till.pay");
    assert.equal(causes[0]?.id, record?.cause);
    assert.equal(causes.at(-1)?.cause, "");
    for (const [index, cause] of causes.slice(1).entries()) assert.equal(cause.id, causes[index]?.cause);
  }
  assert.match(
    diff.text,
    /^The two runs are the same for \d+ lines, up to [\d.]+ ms; then what the message carries differs\./,
  );
  assert.match(
    diff.text,
    /\na {2}[\d.]+ ms {2}visitor → till: request 4 till\.pay {2}\(visitor#\d+\)\n {3}because of /,
  );
});

test("diffTraces finds a time that differs between seeds", async () => {
  const diff = diffTraces(await shopRun(), await shopRun({ seed: 4 })) ?? assert.fail();
  assert.ok(diff.fields.includes("tick"));
  assert.match(diff.text, /they differ in tick/);
});

test("diffTraces finds where one run ends", async () => {
  const a = await shopRun();
  const b = { ...a, records: a.records.slice(0, 30) };
  const diff = diffTraces(a, b) ?? assert.fail();
  assert.equal(diff.index, 30);
  assert.equal(diff.b.record, undefined);
  assert.match(diff.text, /same for 30 lines.*; then b ends and a goes on\./);
  assert.match(diff.text, /\nb {2}\(no more lines\)\n/);
  const empty = diffTraces({ ...a, records: [] }, a);
  assert.match(empty?.text ?? "", /^The two runs differ from the first line; then a ends and b goes on\./);
});
