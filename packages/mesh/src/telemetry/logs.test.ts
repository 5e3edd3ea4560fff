import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLog, type LogEntry } from "@orrery/core";
import { LOG_LEVELS_MAX, LOG_SINKS_MAX } from "./limits.ts";
import { recordOf } from "./log-record.ts";
import { createLogLines } from "./system-log-lines.ts";
import { createTelemetry } from "./telemetry.ts";
import { assertLine } from "./testing/assert-line.ts";
import { First, makeHopsWorld } from "./testing/hops-world.ts";

/** Telemetry of no node, and a log that goes through it. */
function follow(options: Parameters<typeof createTelemetry>[0] = {}) {
  const telemetry = createTelemetry(options);
  const clock = { now: () => 0, monotonic: () => 0 } as never;
  const host = { node: "n", incarnation: 1, clock, limits: undefined, directory: undefined, components: () => [] };
  const { log: sink } = telemetry.seat(host);
  const log = createLog({ sink: sink ?? assert.fail("no sink"), now: () => 0, fields: { node: "n" } });
  const lines: LogEntry[] = [];
  return { telemetry, log, lines, keep: (entry: LogEntry) => lines.push(entry) };
}

const textsOf = (lines: readonly LogEntry[]) => lines.map(({ text }) => text);

test("createTelemetry writes to nobody until a sink is added, which sees the next line, and none once it is taken away", () => {
  const { telemetry, log, lines, keep } = follow();
  log.warn("nobody hears");
  const take = telemetry.logs.add(keep);
  log.warn("one");
  take();
  log.warn("two");
  assert.deepEqual(textsOf(lines), ["one"]);
});

test("createTelemetry changes levels of components and of all others live", () => {
  const { telemetry, log, lines, keep } = follow({ levels: { till: "warn" }, sinks: [] });
  telemetry.logs.add(keep);
  const till = log.with({ component: "till" });
  const say = (text: string) => {
    log.info(`${text} node`);
    till.info(`${text} till`);
    log.debug(`${text} node, closely`);
  };
  say("one");
  telemetry.logs.setLevel("debug", "till");
  telemetry.logs.setLevel("error");
  say("two");
  telemetry.logs.setLevel(undefined, "till");
  say("three");
  telemetry.logs.setLevel("debug");
  say("four");
  assert.deepEqual(textsOf(lines), ["one node", "two till", "four node", "four till", "four node, closely"]);
  assert.deepEqual([telemetry.logs.level, telemetry.logs.levels], ["debug", {}]);
});

test("createTelemetry gives no sink a secret, and lets none that throws harm another", () => {
  const { telemetry, log, lines, keep } = follow();
  telemetry.logs.add(() => {
    throw new Error("full disk");
  });
  telemetry.logs.add(keep);
  log.info("login", { user: "ann", password: "hunter2" });
  assert.deepEqual(lines[0]?.fields, { node: "n", user: "ann", password: "[redacted]" });
  assert.match(telemetry.metrics.text(), /orrery_telemetry_failures_total\{plugin="log"\} 1\n/);
});

test(`createTelemetry takes ${LOG_SINKS_MAX} sinks, ${LOG_LEVELS_MAX} levels, and no more`, () => {
  const { telemetry } = follow();
  const takes = Array.from({ length: LOG_SINKS_MAX }, () => telemetry.logs.add(() => undefined));
  assert.throws(() => telemetry.logs.add(() => undefined), { code: "resource_exhausted" });
  takes[0]?.();
  telemetry.logs.add(() => undefined);
  for (let index = 0; index < LOG_LEVELS_MAX; index++) telemetry.logs.setLevel("warn", `c${index}`);
  assert.throws(() => telemetry.logs.setLevel("warn", "one more"), { code: "resource_exhausted" });
  telemetry.logs.setLevel("info", "c0");
});

test("createTelemetry refuses a level that there is not", () => {
  const message = 'Cannot set the log level "loud": write debug, info, warn, error';
  assert.throws(() => createTelemetry({ level: "loud" as never }), { code: "invalid_argument", message });
});

test("a line of a handler carries node, component, instance, method, flow and trace without being told, at simulated time", async () => {
  const { world, caller, telemetryOf } = await makeHopsWorld({ ratio: 1, level: "debug" });
  const lines: LogEntry[] = [];
  telemetryOf("three").logs.add((entry) => lines.push(entry));
  const { flow } = await world.settle(caller.life.client(First).ask({ tag: "a" }));
  const record = assertLine(JSON.stringify(recordOf(lines[0] ?? assert.fail("no line"))));
  assert.deepEqual(
    [record.text, record.node, record.component, record.method, record.flow, record.fields],
    ["third was asked", "three", "third", "third.ask", flow, { tag: "a" }],
  );
  assert.match(record.instance ?? "", /^third\.0-/);
  assert.equal(record.trace, telemetryOf("caller").spans()[0]?.traceId);
  assert.ok(Math.abs(Date.parse(record.time) - caller.clock.now()) < 1000);
});

test("createLogLines writes lines of the schema to a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "lines-"));
  const to = join(folder, "logs", "node.log");
  const { telemetry, log } = follow({ level: "debug" });
  const lines = createLogLines({ to });
  telemetry.logs.add(lines.sink);
  log.with({ component: "till" }).info("sold 5 % off\nin two lines", { token: "hunter2", item: { size: 3 } });
  log.error("%s is no format", {});
  log.debug("closely");
  const written = readFileSync(to, "utf8");
  rmSync(folder, { recursive: true });
  const [first, second, third, ...rest] = written.split("\n").slice(0, -1);
  assert.deepEqual([rest, lines.failed], [[], 0]);
  const [record] = [first, second, third].map((line) => assertLine(line ?? ""));
  assert.deepEqual([record?.component, record?.level], ["till", "info"]);
  assert.equal(record?.text, "sold 5 % off\nin two lines");
  assert.deepEqual(record?.fields, { token: "[redacted]", item: { size: 3 } });
  assert.match(second ?? "", /"text":"%s is no format"/);
});

test("createLogLines refuses a file that cannot be opened", () => {
  const message = /^Cannot write log lines to "\/dev\/null\/x": .+, choose a file that can be written to$/;
  assert.throws(() => createLogLines({ to: "/dev/null/x" }), { code: "unavailable", message });
});

test("createLogLines counts what a full disk does not take, and goes on", (context) => {
  if (!existsSync("/dev/full")) return context.skip("this system has no /dev/full");
  const lines = createLogLines({ to: "/dev/full" });
  lines.sink({ timeMs: 0, level: "info", text: "lost", fields: { node: "n" } });
  assert.ok(lines.failed > 0);
});

test("logs.messages has each message make one line at each side when it is over, with its ids, outcome and time, of flows that nobody traced", async () => {
  const { world, caller, telemetryOf } = await makeHopsWorld({ ratio: 0, level: "debug" });
  const lines: LogEntry[] = [];
  const { logs } = telemetryOf("two");
  logs.add((entry) => lines.push(entry));
  const ask = () => world.settle(caller.life.client(First).ask({ tag: "a" }));
  await ask();
  assert.deepEqual(textsOf(lines), []);
  logs.messages = true;
  const { flow } = await ask();
  const [sent, handled, ...rest] = lines.map((entry) => assertLine(JSON.stringify(recordOf(entry))));
  assert.deepEqual(rest, []);
  assert.deepEqual([sent?.text, sent?.method, sent?.component], ["message sent", "third.ask", "second"]);
  assert.deepEqual([handled?.text, handled?.method, handled?.component], ["message handled", "second.ask", "second"]);
  for (const { level, flow: its, messageId, span, fields } of [sent ?? assert.fail(), handled ?? assert.fail()]) {
    assert.deepEqual([level, its, fields?.["outcome"]], ["debug", flow, "reply"]);
    assert.ok(messageId !== undefined && span !== undefined && (fields?.["durationMs"] as number) >= 7);
  }
  assert.match(handled?.messageId ?? "", /^first\.0-.+\/\d+$/);
  assert.match(sent?.messageId ?? "", /^second\.0-.+\/\d+$/);
  assert.notEqual(sent?.span, handled?.span);
  logs.messages = false;
  await ask();
  assert.equal(lines.length, 2);
});
