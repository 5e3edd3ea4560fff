import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { toOtel } from "./otel.ts";
import { shopRun } from "./testing/shop-run.ts";

/** OTLP/JSON of opentelemetry.proto.trace.v1, as far as it is used. */
const nanos = z.string().regex(/^\d{19}$/);
const traceId = z.string().regex(/^(?!0{32})[0-9a-f]{32}$/);
const spanId = z.string().regex(/^(?!0{16})[0-9a-f]{16}$/);
const attributes = z.array(z.strictObject({ key: z.string(), value: z.strictObject({ stringValue: z.string() }) }));
const span = z.strictObject({
  traceId,
  spanId,
  parentSpanId: spanId.optional(),
  name: z.string().min(1),
  kind: z.int().min(1).max(5),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes,
  events: z.array(z.strictObject({ timeUnixNano: nanos, name: z.string(), attributes })),
  links: z.array(z.strictObject({ traceId, spanId })).optional(),
  status: z.strictObject({ code: z.int().min(0).max(2).optional(), message: z.string().optional() }),
});
const file = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeSpans: z.array(z.strictObject({ scope: z.strictObject({ name: z.string() }), spans: z.array(span) })),
    }),
  ),
});

async function spansOfRun(options?: { flow: string }) {
  const recording = await shopRun();
  const { resourceSpans } = file.parse(JSON.parse(toOtel(recording, options)));
  const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  return { recording, resourceSpans, spans };
}

test("toOtel writes a resource for each node, and a trace for each flow", async () => {
  const { resourceSpans, spans } = await spansOfRun();
  const names = resourceSpans.map(({ resource }) => resource.attributes[0]?.value.stringValue);
  assert.deepEqual(names, ["till", "store", "visitor"]);
  assert.equal(new Set(spans.map((one) => one.spanId)).size, spans.length);
  assert.equal(new Set(spans.map((one) => one.traceId)).size, 3);
});

test("toOtel leads each span up to the call that began its flow, within its trace and its time", async () => {
  const { spans, recording } = await spansOfRun();
  const byId = new Map(spans.map((one) => [one.spanId, one]));
  for (const one of spans) {
    assert.ok(one.startTimeUnixNano <= one.endTimeUnixNano);
    assert.ok(BigInt(one.startTimeUnixNano) >= BigInt(recording.epochMs) * 1_000_000n);
    if (one.parentSpanId === undefined) {
      assert.ok(["till.pay", "counter.wait", "cell.get"].includes(one.name));
      continue;
    }
    const parent = byId.get(one.parentSpanId) ?? assert.fail();
    assert.equal(parent.traceId, one.traceId);
    assert.ok(parent.startTimeUnixNano <= one.startTimeUnixNano);
  }
  const set = spans.find(({ name, kind }) => name === "cell.set" && kind === 2) ?? assert.fail();
  const names: string[] = [];
  for (let one: typeof set | undefined = set; one !== undefined; one = byId.get(one.parentSpanId ?? ""))
    names.push(`${one.name} ${one.kind}`);
  assert.deepEqual(names, ["cell.set 2", "cell.set 3", "till.pay 2", "till.pay 3"]);
});

test("toOtel says what failed, what was lost, and which points were passed", async () => {
  const { spans } = await spansOfRun({ flow: "checkout" });
  const failed = spans.filter(({ status }) => status.code === 2).map(({ name, status }) => `${name} ${status.message}`);
  assert.deepEqual(failed.sort(), ["cell.set timeout", "till.pay error", "till.pay timeout"]);
  const events = spans.flatMap((one) => one.events.map(({ name }) => `${one.name} ${name}`));
  assert.ok(events.includes("cell.set lost") && events.includes("till.pay point read"));
});
