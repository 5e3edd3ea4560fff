import type { LogEntry } from "@orrery/core";
import type { LogForm } from "./process-messages.ts";

const LEVELS = { debug: "DEBUG", info: "INFO ", warn: "WARN ", error: "ERROR" } as const;

/** Writes a log entry as one line: a JSON object, or time, level, text and fields for people. */
export function formatLog(entry: LogEntry, form: LogForm): string {
  const time = new Date(entry.timeMs).toISOString();
  if (form === "json") {
    return JSON.stringify({ time, level: entry.level, text: entry.text, ...plain(entry.fields) });
  }
  const fields = Object.entries(plain(entry.fields)).map(([name, value]) => `${name}=${shown(value)}`);
  return [time.slice(11, 23), LEVELS[entry.level], oneLine(entry.text), ...fields].join(" ");
}

/** Fields as JSON can hold them: what it cannot hold is told as text, so that no line is ever lost. */
function plain(fields: LogEntry["fields"]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, holdable(value)]));
}

function holdable(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Error) return value.stack ?? value.message;
  try {
    return JSON.stringify(value) === undefined ? String(value) : value;
  } catch {
    return String(value);
  }
}

function shown(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

function oneLine(text: string): string {
  return text.replaceAll("\n", "\\n");
}
