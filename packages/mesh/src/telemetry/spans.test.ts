import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { createWorld } from "@orrery/sim";
import { EXPORT_EVERY_MS, EXPORT_TIMEOUT_MS, SPANS_BATCH_MAX, SPANS_KEPT_MAX, SPANS_WAITING_MAX } from "./limits.ts";
import type { Span } from "./span.ts";
import { createTelemetry, type TelemetryOptions } from "./telemetry.ts";
import { First, makeHopsWorld, Third } from "./testing/hops-world.ts";
import { TraceIds } from "./trace-ids.ts";

const Busy = defineService("busy", {
  note: { request: json<{ n: number }>(), mode: "async" },
  count: { request: json<{ to: number }>(), reply: json<{ at: number }>(), mode: "stream" },
  close: { request: json<{ why: string }>(), mode: "broadcast" },
});

/** A node that sends to itself, in a world. */
async function alone(options: TelemetryOptions) {
  const world = createWorld({ trace: "off" });
  const telemetry = createTelemetry(options);
  const busy = defineComponent(Busy, () => ({
    note: async () => undefined,
    async *count({ to }) {
      for (let at = 1; at <= to; at++) yield { at };
    },
    close: async () => undefined,
  }));
  const node = world.node("alone", { components: [busy], telemetry: () => telemetry });
  await world.start();
  return { world, node, telemetry };
}

const kindOf = ({ side, method, outcome, moments }: Span) =>
  `${method} ${side} ${outcome} ${moments.map(({ name }) => name).join(" ")}`;

test("createTelemetry makes spans of messages of every mode", async () => {
  const { world, node, telemetry } = await alone({ ratio: 1 });
  const { life } = node;
  await world.settle(life.send(Busy).note({ n: 1 }).accepted);
  await world.settle(Array.fromAsync(life.client(Busy).count({ to: 3 })));
  life.publish(Busy).close({ why: "x" });
  await world.run({ forMs: 10 });
  // A broadcast goes to every place that is known, in a world also by the node's own address.
  assert.deepEqual([...new Set(telemetry.spans().map(kindOf))].sort(), [
    "close receiver reply started ended",
    "close sender reply sent",
    "count receiver reply started ended replied",
    "count sender reply sent",
    "note receiver reply replied started ended",
    "note sender reply sent",
  ]);
});

test("createTelemetry makes spans of what fails, with its reason", async () => {
  const { world, caller, telemetryOf } = await makeHopsWorld({ ratio: 1 });
  const client = caller.life.client(Third);
  await world.settle(outcomeOf(client.ask({ tag: "a" }, { timeoutMs: 8 })));
  await world.settle(outcomeOf(client.ask({ tag: "a" }, { version: "9.9.9" })));
  await world.run({ forMs: 100 });
  const failed = telemetryOf("caller").spans({ failed: true });
  assert.deepEqual(
    failed.map(({ outcome, reason }) => [outcome, reason]),
    [
      ["timeout", "timeout"],
      ["bounced", "no_such_version"],
    ],
  );
  assert.equal(telemetryOf("three").spans().length, 2);
});

test("createTelemetry decides for a whole flow, where it begins, and traces the share that it is told", async () => {
  const { world, caller, telemetry, telemetryOf } = await makeHopsWorld({ ratio: 0.25 });
  const flows = Array.from({ length: 400 }, (_, index) => caller.life.beginFlow(`f${index}`));
  const ask = () => Promise.all(flows.map((flow) => flow.client(First).ask({ tag: "a" }, { timeoutMs: 600_000 })));
  await world.settle(ask());
  await world.settle(ask());
  const traced = new Map<number, Span[]>();
  for (const one of telemetry.values())
    for (const span of one.spans()) traced.set(span.flow.id, [...(traced.get(span.flow.id) ?? []), span]);
  assert.ok(traced.size > 60 && traced.size < 140, `${traced.size} of 400`);
  for (const spans of traced.values()) {
    assert.equal(spans.length, 12, "all of a flow, or nothing");
    assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
  }
  telemetryOf("caller").ratio = 0;
  const before = telemetryOf("three").spans().length;
  await world.settle(Promise.all(flows.map(() => caller.life.client(First).ask({ tag: "b" }, { timeoutMs: 600_000 }))));
  assert.equal(telemetryOf("three").spans().length, before);
});

test("createTelemetry follows the decision of a trace that comes from outside", async () => {
  const { world, caller, telemetryOf } = await makeHopsWorld({ ratio: 0 });
  const trace = (flags: number) => ({
    traceId: new Uint8Array(16).fill(7),
    spanId: new Uint8Array(8).fill(9),
    flags,
    state: "a=b",
  });
  await world.settle(caller.life.client(First).ask({ tag: "a" }, { trace: trace(0) }));
  assert.equal(telemetryOf("one").spans().length, 0);
  await world.settle(caller.life.client(First).ask({ tag: "a" }, { trace: trace(1) }));
  const [span] = telemetryOf("caller").spans();
  assert.deepEqual([span?.traceId, span?.parentId], ["07".repeat(16), "09".repeat(8)]);
  assert.equal(telemetryOf("three").spans()[0]?.traceId, "07".repeat(16));
});

test("telemetry.spans finds by trace, flow, component, length and number", async () => {
  const { world, caller, telemetryOf } = await makeHopsWorld({ ratio: 1 });
  const flow = caller.life.beginFlow("booking");
  await world.settle(flow.client(First).ask({ tag: "a" }));
  await world.settle(caller.life.client(Third).ask({ tag: "a" }));
  const telemetry = telemetryOf("caller");
  const componentsOf = (filter: Parameters<typeof telemetry.spans>[0]) =>
    telemetry.spans(filter).map(({ component }) => component);
  assert.deepEqual(componentsOf({}), ["first", "third"]);
  assert.deepEqual(componentsOf({ flow: "book*" }), ["first"]);
  assert.deepEqual(componentsOf({ flow: `caller/${flow.id}` }), ["first"]);
  assert.deepEqual(componentsOf({ component: "th*" }), ["third"]);
  assert.deepEqual(componentsOf({ minMs: 22 }), ["first"]);
  assert.deepEqual(componentsOf({ limit: 1 }), ["third"]);
  assert.deepEqual(componentsOf({ traceId: telemetry.spans()[0]?.traceId.slice(0, 8) ?? "" }), ["first"]);
});

test(`telemetry.spans keeps the newest ${SPANS_KEPT_MAX}`, async () => {
  const { world, node, telemetry } = await alone({ ratio: 1 });
  for (let n = 0; n < SPANS_KEPT_MAX / 2 + 3; n++) node.life.send(Busy).note({ n });
  await world.run({ forMs: 1000 });
  assert.equal(telemetry.spans().length, SPANS_KEPT_MAX);
});

test(`an exporter is given batches of ${SPANS_BATCH_MAX}, one at a time; ${SPANS_WAITING_MAX} spans wait, and the rest are dropped and counted`, async () => {
  const batches: number[] = [];
  let release = () => {};
  const first = new Promise<void>((resolve) => {
    release = resolve;
  });
  const exportSpans = (spans: readonly Span[]) => {
    batches.push(spans.length);
    return batches.length === 1 ? first : undefined;
  };
  const { world, node, telemetry } = await alone({ ratio: 1, plugins: [{ name: "slow", exportSpans }] });
  const sends = SPANS_WAITING_MAX / 2 + SPANS_BATCH_MAX;
  for (let n = 0; n < sends; n += 1000) {
    for (let at = n; at < Math.min(sends, n + 1000); at++) node.life.send(Busy).note({ n: at });
    await world.run({ forMs: 5 });
  }
  assert.deepEqual(batches, [SPANS_BATCH_MAX]);
  const count = (name: string) =>
    Number(new RegExp(`^orrery_spans_${name}\\{exporter="slow"\\} (\\d+)$`, "m").exec(telemetry.metrics.text())?.[1]);
  assert.deepEqual([count("waiting"), count("dropped_total")], [SPANS_WAITING_MAX, SPANS_BATCH_MAX]);
  release();
  await world.run({ forMs: EXPORT_EVERY_MS + 100 });
  assert.equal(count("exported_total"), SPANS_WAITING_MAX + SPANS_BATCH_MAX);
  assert.ok(batches.every((size) => size === SPANS_BATCH_MAX));
});

test("an exporter that fails, or takes too long, loses its batch and nothing else", async () => {
  let turn = 0;
  const exportSpans = () => {
    turn++;
    if (turn === 1) return Promise.reject(new Error("no route"));
    return turn === 2 ? new Promise<void>(() => {}) : undefined;
  };
  const { world, node, telemetry } = await alone({ ratio: 1, plugins: [{ name: "bad", exportSpans }] });
  for (const forMs of [EXPORT_EVERY_MS + 1, EXPORT_EVERY_MS + EXPORT_TIMEOUT_MS + 2, EXPORT_EVERY_MS + 1]) {
    node.life.send(Busy).note({ n: 1 });
    await world.run({ forMs });
  }
  const text = telemetry.metrics.text();
  assert.match(text, /^orrery_spans_failed_total\{exporter="bad"\} 4$/m);
  assert.match(text, /^orrery_spans_exported_total\{exporter="bad"\} 2$/m);
  assert.match(text, /^orrery_telemetry_failures_total\{plugin="bad"\} 2$/m);
});

test("TraceIds names traces and spans apart, over nodes and lives", () => {
  const seen = new Set<string>();
  for (const [node, life] of [
    ["a", 1],
    ["a", 2],
    ["b", 1],
  ] as const) {
    const ids = new TraceIds(node, life);
    for (let id = 1; id <= 10_000; id++) {
      seen.add(Buffer.from(ids.trace({ node, id })).toString("hex"));
      seen.add(Buffer.from(ids.span()).toString("hex"));
    }
  }
  assert.equal(seen.size, 60_000);
});
