import assert from "node:assert/strict";
import { test } from "node:test";
import { traceOf, traceparentOf } from "./trace-context.ts";

const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

test("traceOf reads what traceparentOf writes", () => {
  const trace = traceOf(new Headers({ traceparent: PARENT, tracestate: "a=1" }));
  assert.ok(trace !== undefined);
  assert.equal(trace.state, "a=1");
  assert.equal(trace.flags, 1);
  assert.equal(traceparentOf(trace), PARENT);
});

test("traceOf reads a later version with more fields", () => {
  assert.ok(traceOf(new Headers({ traceparent: `cc${PARENT.slice(2)}-what-else` })) !== undefined);
});

for (const header of [
  "",
  "rubbish",
  `ff${PARENT.slice(2)}`,
  `${PARENT}-more`,
  PARENT.toUpperCase(),
  "00-00000000000000000000000000000000-b7ad6b7169203331-01",
  "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
]) {
  test(`traceOf takes ${JSON.stringify(header)} for no trace`, () => {
    assert.equal(traceOf(new Headers({ traceparent: header })), undefined);
  });
}
