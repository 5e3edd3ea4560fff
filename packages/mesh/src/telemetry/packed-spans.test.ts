import assert from "node:assert/strict";
import { test } from "node:test";
import { type Head, TraceFlag } from "@orrery/core/internal";
import { PackedSpans } from "./packed-spans.ts";
import { SpanRecord, type SpanStart } from "./span-record.ts";

const HEAD: Head = {
  component: "first",
  method: "ask",
  version: "",
  fingerprint: "",
  mode: "sync",
  contentType: "",
  instance: "",
  source: { node: "caller", instance: "", incarnation: 1 },
  agent: "",
  horizon: undefined,
  resource: "",
};

function makeSpan(message: number, start: Partial<SpanStart> = {}): SpanRecord {
  const trace = {
    traceId: new Uint8Array(16).fill(0xa7),
    spanId: new Uint8Array(8).fill(message),
    flags: 1,
    state: "",
  };
  const facts = { side: "receiver", node: "one", instance: "first.0", head: HEAD, atMs: 10, wallMs: 1000.5 } as const;
  return new SpanRecord({ ...facts, trace, parentId: undefined, message, flow: undefined, ...start });
}

test("PackedSpans gives a span as it was", () => {
  const spans = new PackedSpans(4);
  const flow = { id: 2 ** 40 + 1, node: "far", name: "booking", parentId: 7 };
  const flags = TraceFlag.sampled | TraceFlag.watched;
  const trace = {
    traceId: Uint8Array.from({ length: 16 }, (_, at) => at * 16),
    spanId: new Uint8Array(8),
    flags,
    state: "",
  };
  const span = makeSpan(2 ** 50, { flow, trace, parentId: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1) });
  span.moments.push({ name: "started", atMs: 11 }, { name: "ended", atMs: 12.25 }, { name: "replied", atMs: 12.5 });
  span.endMs = 12.75;
  span.outcome = "timeout";
  span.reason = "timeout";
  spans.add(span);
  assert.deepEqual(spans.views(), [
    {
      traceId: "00102030405060708090a0b0c0d0e0f0",
      spanId: "0000000000000000",
      parentId: "0000000000000001",
      side: "receiver",
      node: "one",
      instance: "first.0",
      component: "first",
      method: "ask",
      mode: "sync",
      message: 2 ** 50,
      flow,
      startMs: 1010.5,
      durationMs: 2.75,
      moments: [
        { name: "started", atMs: 1011.5 },
        { name: "ended", atMs: 1012.75 },
        { name: "replied", atMs: 1013 },
      ],
      outcome: "timeout",
      reason: "timeout",
      watched: true,
    },
  ]);
});

test("PackedSpans gives a message that began its own flow that flow, and the first of a trace no parent", () => {
  const spans = new PackedSpans(4);
  spans.add(makeSpan(5));
  const [view] = spans.views();
  assert.deepEqual(view?.flow, { id: 5, node: "caller", name: "", parentId: 0 });
  assert.equal(view?.parentId, "");
});

test("PackedSpans keeps those before when it grows, and gives them from any place on", () => {
  const spans = new PackedSpans(100);
  for (let message = 1; message <= 100; message++) {
    assert.equal(spans.isFull, false);
    spans.add(makeSpan(message));
  }
  assert.equal(spans.isFull, true);
  spans.set(0, makeSpan(101));
  const messages = Array.from({ length: 100 }, (_, index) => index + 2);
  assert.deepEqual(
    spans.views(1).map(({ message }) => message),
    messages,
  );
  assert.equal(spans.views()[99]?.spanId, "64".repeat(8));
  spans.clear();
  assert.deepEqual(spans.views(), []);
});

for (const [what, bytes, shown] of [
  ["too short", 3, `${"a7".repeat(3)}${"00".repeat(13)}`],
  ["too long", 40_000, "a7".repeat(16)],
] as const)
  test(`PackedSpans shows an id of a peer that is ${what} by 32 digits`, () => {
    const spans = new PackedSpans(1);
    const traceId = new Uint8Array(bytes).fill(0xa7);
    spans.add(makeSpan(1, { trace: { traceId, spanId: traceId, flags: 1, state: "" } }));
    assert.equal(spans.views()[0]?.traceId, shown);
  });

test("PackedSpans keeps four moments of a span", () => {
  const spans = new PackedSpans(2);
  const long = makeSpan(1);
  for (let count = 0; count < 6; count++) long.moments.push({ name: "replied", atMs: count });
  spans.add(long);
  spans.add(makeSpan(2));
  assert.deepEqual(
    spans.views().map(({ moments, message }) => [message, moments.length]),
    [
      [1, 4],
      [2, 0],
    ],
  );
});
