import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createNode, defineComponent, defineService, json } from "@orrery/core";
import {
  DEBUG_MESSAGES_DEFAULT,
  DEBUG_WATCH_DEFAULT_MS,
  DEBUG_WATCH_MAX_MS,
  DEBUG_WATCHES_MAX,
  EXPORT_TRIES_MAX,
  METHODS_COUNTED_MAX,
  SPANS_KEPT_MAX,
  SPANS_WAITING_MAX,
} from "./limits.ts";
import { createProcessMetrics } from "./system-process-metrics.ts";
import { createTelemetry, type Telemetry } from "./telemetry.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const FOLDER = join(ROOT, ".orrery/operate-guide");
const PAGE = readFileSync(join(ROOT, "docs/guide/operate.md"), "utf8");

const Adder = defineService("adder", {
  add: { request: json<{ a: number }>(), reply: json<{ sum: number }>() },
});

test("the plugin of docs/guide/operate.md gets lines and spans, and gives metrics of its own", async () => {
  const [, text = ""] = /```ts\n(\/\/ file: sums\.ts\n[\s\S]*?)```/.exec(PAGE) ?? [];
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, "sums.ts");
  writeFileSync(file, text);
  const { telemetry } = (await import(file)) as { telemetry: Telemetry };
  rmSync(FOLDER, { recursive: true });
  const adder = defineComponent(Adder, () => ({
    add({ a }, context) {
      context.log.info("added");
      return { sum: a };
    },
  }));
  const node = createNode({ components: [adder], telemetry });
  await node.start();
  await node.client(Adder).add({ a: 1 });
  await node.stop();
  await telemetry.close();
  const scrape = telemetry.metrics.text();
  assert.match(scrape, /^sums_lines_total 1$/m);
  assert.ok(Number(/^sums_slowest_ms (.+)$/m.exec(scrape)?.[1]) > 0);
});

test("createTelemetry refuses two plugins of one name", () => {
  const telemetry = createTelemetry({ plugins: [{ name: "a" }] });
  const message = 'Cannot use telemetry plugin "a": there is one of that name';
  assert.throws(() => telemetry.use({ name: "a" }), { code: "already_exists", message });
});

test("a collector that throws leaves all other metrics as they are", () => {
  const collect = () => {
    throw new Error("broken");
  };
  const telemetry = createTelemetry({ plugins: [{ name: "bad", collect }] });
  assert.match(telemetry.metrics.text(), /^orrery_spans_total 0$/m);
  assert.match(telemetry.metrics.text(), /^orrery_telemetry_failures_total\{plugin="bad"\} 1$/m);
});

test("docs/guide/operate.md names every metric, and the limits that the code has", async () => {
  const limits = { circuits: () => [], throttles: () => [], refusals: () => [], seat: () => ({}) };
  const stats = () => ({ messages: 0, bytes: 0, rubbish: 0, health: 0 });
  const directory = { places: () => [], stats, members: () => [] };
  const clock = { now: () => 0, monotonic: () => 0 } as never;
  const exporter = { name: "x", exportSpans: () => undefined };
  await using telemetry = createTelemetry({ plugins: [createProcessMetrics(), exporter] });
  telemetry.seat({
    node: "n",
    incarnation: 1,
    clock,
    limits,
    directory: directory as never,
    components: () => [],
    journal: () => ({ entries: 0, bytes: 0, deadLetters: 0 }),
  });
  const names = [...telemetry.metrics.text().matchAll(/^# TYPE (\w+)/gm)].map(([, name = ""]) => name);
  assert.ok(names.length > 30);
  for (const name of names) assert.ok(PAGE.includes(`\`${name}\``), name);
  const told = (value: number) => value.toLocaleString("en");
  for (const limit of [SPANS_KEPT_MAX, SPANS_WAITING_MAX, METHODS_COUNTED_MAX, DEBUG_MESSAGES_DEFAULT])
    assert.ok(PAGE.includes(told(limit)), told(limit));
  assert.ok(PAGE.includes(`holds ${DEBUG_WATCHES_MAX}`));
  assert.deepEqual([DEBUG_WATCH_DEFAULT_MS, DEBUG_WATCH_MAX_MS, EXPORT_TRIES_MAX], [300_000, 3_600_000, 4]);
});
