import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatLog } from "./format-log.ts";
import { assertLine } from "./telemetry/testing/assert-line.ts";

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

  it("writes one JSON object of the schema", () => {
    assert.deepEqual(assertLine(formatLog(entry, "json")), {
      time: "2026-01-01T00:00:00.123Z",
      level: "warn",
      text: "stock is low",
      node: "n1",
      fields: { left: 3 },
    });
  });

  it("writes no secret, for nobody", () => {
    for (const form of ["json", "text"] as const)
      assert.doesNotMatch(formatLog({ ...entry, fields: { node: "n1", apiKey: "hunter2" } }, form), /hunter2/);
  });

  it("names a component to people where no instance does", () => {
    const line = (fields: object) => formatLog({ ...entry, fields: { component: "till", ...fields } }, "text");
    assert.equal(line({}), "00:00:00.123 WARN  stock is low component=till");
    assert.equal(line({ instance: "till.0-a" }), "00:00:00.123 WARN  stock is low instance=till.0-a");
  });

  it("keeps a line one line, and quotes what has blanks", () => {
    const line = formatLog({ ...entry, text: "a\nb", fields: { why: "no room\nleft" } }, "text");
    assert.equal(line, '00:00:00.123 WARN  a\\nb why="no room\\nleft"');
  });
});
