import assert from "node:assert/strict";
import { test } from "node:test";
import { createTableDirectory, defineComponent, type NodeOptions, OrreryError, outcomeOf } from "@orrery/core";
import { createWorld } from "@orrery/sim";
import { createGossipDirectory } from "../discovery/gossip-directory.ts";
import { createLimits } from "../limits/node-limits.ts";
import { METHODS_COUNTED_MAX, METRIC_SAMPLES_MAX } from "./limits.ts";
import { MethodTable } from "./message-metrics.ts";
import type { Metric } from "./metric.ts";
import { renderMetrics } from "./render-metrics.ts";
import { createProcessMetrics } from "./system-process-metrics.ts";
import { createTelemetry } from "./telemetry.ts";
import { First, makeHopsWorld, Third } from "./testing/hops-world.ts";

/** The value of one line of a scrape; undefined when it is not there. */
function numberAt(text: string, line: string): number | undefined {
  const found = text.split("\n").find((one) => one.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length + 1));
}

test("metrics.text has queue, latency, outcomes and capacity of each component, without any code of it", async () => {
  const { world, caller, telemetryOf } = await makeHopsWorld({ ratio: 0 });
  const calls = Array.from({ length: 4 }, () => caller.life.client(First).ask({ tag: "a" }));
  await world.run({ forMs: 10 });
  const during = telemetryOf("one").metrics.text();
  const of = (name: string, more = "") => `${name}{component="first",version="0.0.0"${more}}`;
  assert.equal(numberAt(during, of("orrery_queue_messages")), 3);
  assert.equal(numberAt(during, of("orrery_busy_messages")), 1);
  assert.equal(numberAt(during, of("orrery_instances", ',state="ready"')), 1);
  assert.equal(numberAt(during, of("orrery_instances_allowed")), 1);
  const headWait = numberAt(during, of("orrery_queue_head_wait_seconds")) ?? 0;
  assert.ok(headWait > 0 && headWait < 0.01, `${headWait}`);
  await world.settle(Promise.all(calls));
  const after = telemetryOf("one").metrics.text();
  const first = '{component="first",method="ask"';
  assert.equal(numberAt(after, of("orrery_queue_messages")), 0);
  assert.equal(numberAt(after, `orrery_handled_total${first},outcome="reply",reason=""}`), 4);
  assert.equal(numberAt(after, `orrery_handled_seconds_count${first}}`), 4);
  assert.equal(numberAt(after, 'orrery_sent_total{component="second",method="ask",outcome="reply",reason=""}'), 4);
  // Three of four waited for those before them.
  assert.equal(numberAt(after, `orrery_queue_wait_seconds_bucket${first},le="0.0001"}`), 1);
  assert.equal(numberAt(after, `orrery_queue_wait_seconds_count${first}}`), 4);
  const callers = telemetryOf("caller").metrics.text();
  const sum = numberAt(callers, `orrery_sent_seconds_sum${first}}`) ?? 0;
  assert.ok(sum > 4 * 0.023 && sum < 1, `${sum}`);
  assert.equal(numberAt(callers, `orrery_sent_seconds_bucket${first},le="+Inf"}`), 4);
});

test("metrics.text has breakers, throttles, and why messages went nowhere", async () => {
  const world = createWorld({ trace: "off" });
  const telemetry = createTelemetry({ ratio: 0 });
  const broken = defineComponent(Third, () => ({
    ask: (): never => {
      throw new TypeError("broken");
    },
  }));
  world.node("three", { components: [broken] });
  const limits = createLimits({
    breakers: [{ failuresInRow: 2, coolDownMs: 60_000 }],
    throttles: [{ name: "slow", component: "first", perSecond: 1 }],
  });
  const caller = world.node("caller", { limits: () => limits, telemetry: () => telemetry });
  await world.start();
  const ask = () => world.settle(outcomeOf(caller.life.client(Third).ask({ tag: "a" })));
  for (let call = 0; call < 3; call++) await ask();
  await world.settle(outcomeOf(caller.life.client(First).ask({ tag: "a" }, { timeoutMs: 10 })));
  const text = telemetry.metrics.text();
  const sent = (outcome: string, reason: string, component = "third") =>
    numberAt(text, `orrery_sent_total{component="${component}",method="ask",outcome="${outcome}",reason="${reason}"}`);
  assert.deepEqual([sent("defect", "handler_threw"), sent("bounced", "circuit_open")], [2, 1]);
  assert.equal(sent("bounced", "no_such_component", "first"), 1);
  assert.equal(numberAt(text, 'orrery_circuits{group="third",state="open"}'), 1);
  assert.equal(numberAt(text, 'orrery_circuits_opened_total{group="third"}'), 1);
  assert.equal(numberAt(text, 'orrery_refused_total{check="breaker",beyond="bounce"}'), 1);
  assert.equal(numberAt(text, 'orrery_throttle_refused_total{throttle="slow"}'), 0);
});

test("metrics.text has the traffic of gossip, and who is there", async () => {
  const world = createWorld({ trace: "off" });
  const telemetry = createTelemetry({ ratio: 0 });
  world.node("one", { directory: () => createGossipDirectory() });
  world.node("two", {
    directory: () => createGossipDirectory({ seeds: ["sim://one"] }),
    telemetry: () => telemetry,
  });
  await world.start();
  await world.run({ forMs: 5000 });
  const text = telemetry.metrics.text();
  assert.ok((numberAt(text, "orrery_gossip_messages_total") ?? 0) > 3);
  assert.ok((numberAt(text, "orrery_gossip_bytes_total") ?? 0) > 100);
  assert.equal(numberAt(text, 'orrery_members{status="alive"}'), 2);
});

test("metrics.text counts what is refused by its reason, and what nobody serves as other", async () => {
  const { world, caller, telemetryOf } = await makeHopsWorld({ ratio: 0 });
  await world.settle(outcomeOf(caller.life.client(First).ask({ tag: "a" }, { version: "9.9.9" })));
  const text = telemetryOf("one").metrics.text();
  assert.equal(numberAt(text, 'orrery_handled_total{component="other",method="other",outcome="bounced",reason=""}'), 1);
});

test(`MethodTable tells ${METHODS_COUNTED_MAX} methods apart, and counts the rest as one`, () => {
  const table = new MethodTable();
  for (let index = 0; index < METHODS_COUNTED_MAX + 5; index++)
    table.of({ component: `c${index}`, method: "m" }).ended("reply");
  assert.equal(table.all().length, METHODS_COUNTED_MAX + 1);
  const others = table.all().at(-1)?.outcomes();
  assert.deepEqual(others, [
    { labels: { component: "other", method: "other", outcome: "reply", reason: "" }, value: 5 },
  ]);
});

test("MethodTable tells reasons that are known, and no others", () => {
  const table = new MethodTable();
  const counts = table.of({ component: "c", method: "m" });
  for (const reason of ["overloaded", "made up", "constructor", ""]) counts.ended("bounced", reason);
  assert.deepEqual(
    counts.outcomes().map(({ labels, value }) => [labels["reason"], value]),
    [
      ["overloaded", 1],
      ["", 3],
    ],
  );
});

test("renderMetrics writes the text format of Prometheus", () => {
  const metrics: readonly Metric[] = [
    {
      name: "jobs_total",
      help: "Jobs\nthat \\ ran.",
      type: "counter",
      samples: [{ labels: { by: 'a "b"\\\n', "no-name": "x" }, value: 2 }],
    },
    { name: "heat", help: "Heat.", type: "gauge", samples: [{ labels: {}, value: Number.NaN }] },
    {
      name: "took_seconds",
      help: "Times.",
      type: "histogram",
      samples: [{ labels: { of: "x" }, bounds: [0.1, 1], counts: [1, 0, 2], sum: 7.5 }],
    },
    { name: "heat", help: "Heat again.", type: "gauge", samples: [{ labels: { at: "y" }, value: 1 }] },
    { name: "heat", help: "Heat of another type.", type: "counter", samples: [{ labels: {}, value: 1 }] },
    { name: "no name", help: "", type: "gauge", samples: [] },
  ];
  assert.equal(
    renderMetrics(metrics),
    `# HELP jobs_total Jobs\\nthat \\\\ ran.
# TYPE jobs_total counter
jobs_total{by="a \\"b\\"\\\\\\n"} 2
# HELP heat Heat.
# TYPE heat gauge
heat NaN
heat{at="y"} 1
# HELP took_seconds Times.
# TYPE took_seconds histogram
took_seconds_bucket{of="x",le="0.1"} 1
took_seconds_bucket{of="x",le="1"} 1
took_seconds_bucket{of="x",le="+Inf"} 3
took_seconds_sum{of="x"} 7.5
took_seconds_count{of="x"} 3
`,
  );
});

test(`renderMetrics writes ${METRIC_SAMPLES_MAX} samples of a metric, and says how many more there are`, () => {
  const samples = Array.from({ length: METRIC_SAMPLES_MAX + 2 }, (_, value) => ({ labels: { n: `${value}` }, value }));
  const lines = renderMetrics([{ name: "many", help: "Many.", type: "gauge", samples }]).split("\n");
  assert.equal(lines.filter((line) => line.startsWith("many{")).length, METRIC_SAMPLES_MAX);
  assert.ok(lines.includes("# 2 more samples are left out"));
});

test("createProcessMetrics tells memory, CPU time and the delay of the event loop", async () => {
  const plugin = createProcessMetrics();
  await using telemetry = createTelemetry({ plugins: [plugin] });
  const text = telemetry.metrics.text();
  assert.ok((numberAt(text, 'orrery_process_memory_bytes{kind="rss"}') ?? 0) > 1e6);
  assert.ok((numberAt(text, "orrery_process_cpu_seconds_total") ?? 0) > 0);
  assert.ok((numberAt(text, 'orrery_event_loop_delay_seconds{quantile="0.99"}') ?? -1) >= 0);
});

test("createTelemetry follows one node, and refuses another", () => {
  const telemetry = createTelemetry();
  const clock = { now: () => 0, monotonic: () => 0 } as NonNullable<NodeOptions["clock"]>;
  const directory = createTableDirectory({});
  const host = (node: string) => ({ node, incarnation: 1, clock, limits: undefined, directory, components: () => [] });
  telemetry.seat(host("a"));
  const message = 'Cannot follow node "b" with telemetry that follows "a": make another';
  assert.throws(() => telemetry.seat(host("b")), { code: "failed_precondition", message });
  assert.throws(() => createTelemetry({ ratio: 1.1 }), OrreryError);
});
