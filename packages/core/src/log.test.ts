import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog, type LogEntry } from "./log.ts";

function setUp() {
  const lines: LogEntry[] = [];
  let timeMs = 100;
  const log = createLog({ sink: (line) => lines.push(line), now: () => timeMs++, fields: { node: "here" } });
  return { log, lines };
}

test("createLog gives each line its time, level, text and fields", () => {
  const { log, lines } = setUp();
  log.debug("one");
  log.info("two", { a: 1 });
  log.warn("three", { node: "there" });
  log.error("four");
  assert.deepEqual(lines, [
    { timeMs: 100, level: "debug", text: "one", fields: { node: "here" } },
    { timeMs: 101, level: "info", text: "two", fields: { node: "here", a: 1 } },
    { timeMs: 102, level: "warn", text: "three", fields: { node: "there" } },
    { timeMs: 103, level: "error", text: "four", fields: { node: "here" } },
  ]);
});

test("createLog adds fields for good by with, and leaves the log it came from as it was", () => {
  const { log, lines } = setUp();
  log.with({ flow: 7 }).with({ step: 1 }).info("deep");
  log.info("plain");
  assert.deepEqual(
    lines.map(({ fields }) => fields),
    [{ node: "here", flow: 7, step: 1 }, { node: "here" }],
  );
});
