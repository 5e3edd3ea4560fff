import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { OperateService, type Span } from "@orrery/mesh/operate";
import { table } from "../table.ts";
import { traceLines, tracesOf } from "./timeline.ts";

type Said = Partial<Omit<Span, "$typeName" | "$unknown">>;

function span(spanId: string, parentId: string, rest: Said): Span {
  const said = { traceId: "t1", flow: "shop/7", outcome: "reply", spanId, parentId, ...rest };
  return create(OperateService.method.spans.output, { spans: [said] }).spans[0] as Span;
}

/** A call from shop to till, which asks the bank; the bank's second answer never came. */
const SPANS = [
  span("s3", "r1", {
    side: "sender",
    node: "till",
    component: "bank",
    method: "log",
    startMs: 1010,
    durationMs: 30,
    outcome: "timeout",
    reason: "timeout",
  }),
  span("r2", "s2", {
    side: "receiver",
    node: "bank-0",
    component: "bank",
    method: "pay",
    startMs: 1006,
    durationMs: 3,
  }),
  span("s1", "", {
    side: "sender",
    node: "shop",
    component: "till",
    method: "buy",
    startMs: 1000,
    durationMs: 48,
    flowName: "booking",
  }),
  span("s2", "r1", { side: "sender", node: "till", component: "bank", method: "pay", startMs: 1005, durationMs: 5 }),
  span("r1", "s1", { side: "receiver", node: "till", component: "till", method: "buy", startMs: 1001, durationMs: 46 }),
];

test("tracesOf puts both sides of each message together, each behind what led to it", () => {
  const [trace, ...others] = tracesOf(SPANS);
  assert.deepEqual(others, []);
  assert.deepEqual([trace?.id, trace?.flow, trace?.startMs, trace?.durationMs], ["t1", "booking", 1000, 48]);
  assert.deepEqual(trace?.nodes, ["bank-0", "shop", "till"]);
  assert.deepEqual(
    trace?.messages.map(({ depth, method, from, to, handledMs, outcome }) => [
      depth,
      method,
      from,
      to,
      handledMs,
      outcome,
    ]),
    [
      [0, "buy", "shop", "till", 46, "reply"],
      [1, "pay", "till", "bank-0", 3, "reply"],
      [1, "log", "till", "", undefined, "timeout"],
    ],
  );
});

test("tracesOf shows what is left when a side is missing, and separates traces by their beginnings", () => {
  const later = span("r9", "gone", { traceId: "t0", side: "receiver", node: "till", startMs: 2000, durationMs: 1 });
  const lone = SPANS.filter(({ spanId }) => spanId === "r2");
  const traces = tracesOf([later, ...lone]);
  assert.deepEqual(
    traces.map(({ id, flow, messages }) => [id, flow, messages.map(({ depth, from, to }) => [depth, from, to])]),
    [
      ["t1", "shop/7", [[0, "", "bank-0"]]],
      ["t0", "shop/7", [[0, "", "till"]]],
    ],
  );
});

test("tracesOf does not run in circles where spans name one another", () => {
  const circle = [
    span("a", "b", { side: "sender", startMs: 1 }),
    span("b", "a", { side: "sender", startMs: 2 }),
    span("c", "c", { side: "receiver", startMs: 3 }),
  ];
  assert.deepEqual(
    tracesOf(circle)[0]?.messages.map(({ id }) => id),
    ["c"],
  );
});

test("traceLines draws when each message was under way", () => {
  const [trace] = tracesOf(SPANS);
  assert.deepEqual(trace === undefined ? [] : table(traceLines(trace)), [
    "|========================|  +0.0 ms  48 ms   46 ms   till.buy    shop -> till",
    "|  ===                   |  +5.0 ms  5.0 ms  3.0 ms    bank.pay  till -> bank-0",
    "|     ===============    |  +10 ms   30 ms   -         bank.log  till -> ?       timeout (timeout)",
  ]);
});
