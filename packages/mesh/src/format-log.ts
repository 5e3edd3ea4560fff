import type { LogEntry } from "@orrery/core";
import type { LogForm } from "./process-messages.ts";
import { type LogRecord, recordOf } from "./telemetry/log-record.ts";

const LEVELS = { debug: "DEBUG", info: "INFO ", warn: "WARN ", error: "ERROR" } as const;

/**
 * Writes a log entry as one line without secrets: a JSON object of the schema in docs/guide/operate.md, or time, level, text and fields for people,
 * who have no use for the ids of messages and spans. JSON has the address of whoever wrote it, where that is given.
 */
export function formatLog(entry: LogEntry, form: LogForm, address?: string): string {
  const record = recordOf(entry);
  if (form === "json") return JSON.stringify(address === undefined ? record : addressed(record, address));
  const { time, level, text, component, fields, messageId: _messageId, span: _span, ...context } = record;
  // Who reads an instance's name has read its component's.
  const said = { ...(context.instance === undefined && component && { component }), ...context, ...fields };
  const parts = Object.entries(said).map(([name, value]) => `${name}=${shown(value)}`);
  return [time.slice(11, 23), LEVELS[level], text.replaceAll("\n", "\\n"), ...parts].join(" ");
}

function addressed({ time, level, text, ...rest }: LogRecord, address: string) {
  return { time, level, text, address, ...rest };
}

function shown(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
