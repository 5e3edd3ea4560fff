import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatLog } from "./format-log.ts";

const entry = {
  timeMs: 1_767_225_600_123,
  level: "warn",
  text: "stock is low",
  fields: { node: "n1", left: 3 },
} as const;

describe("formatLog", () => {
  it("writes time, level, text and fields for people", () => {
    assert.equal(formatLog(entry, "text"), "00:00:00.123 WARN  stock is low node=n1 left=3");
  });

  it("writes one JSON object", () => {
    assert.deepEqual(JSON.parse(formatLog(entry, "json")), {
      time: "2026-01-01T00:00:00.123Z",
      level: "warn",
      text: "stock is low",
      node: "n1",
      left: 3,
    });
  });

  it("keeps a line one line, and quotes what has blanks", () => {
    const line = formatLog({ ...entry, text: "a\nb", fields: { why: "no room\nleft" } }, "text");
    assert.equal(line, '00:00:00.123 WARN  a\\nb why="no room\\nleft"');
  });

  it("loses no line over a value that JSON cannot hold", () => {
    const round: Record<string, unknown> = {};
    round["self"] = round;
    const fields = { big: 2n ** 60n, round, nothing: undefined, run: () => 1, error: new Error("boom") };
    const told = JSON.parse(formatLog({ ...entry, fields }, "json")) as Record<string, string>;
    assert.equal(told["big"], "1152921504606846976");
    assert.equal(told["round"], "[object Object]");
    assert.equal(told["nothing"], "undefined");
    assert.match(told["error"] ?? "", /^Error: boom\n/);
  });
});
