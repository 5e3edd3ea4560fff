import assert from "node:assert/strict";
import type { LogRecord } from "../log-record.ts";

/** What each key of a log line must be: the schema that docs/guide/operate.md tells. */
const KEYS: Readonly<Record<keyof LogRecord, RegExp>> = {
  time: /^"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"$/,
  level: /^"(debug|info|warn|error)"$/,
  text: /^".*"$/,
  node: /^".+"$/,
  component: /^".+"$/,
  instance: /^".+"$/,
  method: /^".+\..+"$/,
  flow: /^".+\/\d+"$/,
  trace: /^"(?!0{32})[0-9a-f]{32}"$/,
  messageId: /^".+\/\d+"$/,
  span: /^"(?!0{16})[0-9a-f]{16}"$/,
  watched: /^true$/,
  fields: /^\{.*\}$/,
};

/** Reads a log line, and asserts that it is of the schema. */
export function assertLine(line: string): LogRecord {
  const record = JSON.parse(line) as LogRecord;
  for (const needed of ["time", "level", "text", "node"])
    assert.ok(needed in record, `"${needed}" is missing in ${line}`);
  for (const [key, value] of Object.entries(record)) {
    assert.ok(key in KEYS, `"${key}" is no key of a line, in ${line}`);
    assert.match(JSON.stringify(value), KEYS[key as keyof LogRecord], `"${key}" of ${line}`);
  }
  return record;
}
