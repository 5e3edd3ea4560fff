import type { LogEntry, LogFields, LogLevel } from "@orrery/core";
import { LOG_DEPTH_MAX, LOG_FIELDS_MAX, LOG_LINE_CHARACTERS_MAX, LOG_TEXT_CHARACTERS_MAX } from "./limits.ts";

/** One log line, as its JSON has it. What is absent is not known, or of no meaning there. */
export interface LogRecord {
  /** ISO 8601, in UTC, with ms. */
  readonly time: string;
  readonly level: LogLevel;
  readonly text: string;
  readonly node?: string;
  readonly component?: string;
  readonly instance?: string;
  /** `component.method` of the message that is handled. */
  readonly method?: string;
  /** `node/id`. */
  readonly flow?: string;
  /** 32 hex digits, where spans of it are kept. */
  readonly trace?: string;
  /** The message that is handled, or that the line is about: its sender, and its number there, as `shop.Till.0-a1/7`. */
  readonly messageId?: string;
  /** Of that message, 16 hex digits, where its span is kept. */
  readonly span?: string;
  /** True where a debug watch shows the message. */
  readonly watched?: true;
  /** Whatever else was said. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Names of fields that stand in a record itself, in their order. */
const CONTEXT = ["node", "component", "instance", "method", "flow", "trace", "messageId", "span"] as const;

/** What is written in the place of a secret. */
const REDACTED = "[redacted]";

/** Words that make the name of a field one of a secret: `apiKey`, `Set-Cookie`, `db_password`. */
const SECRET_WORDS: ReadonlySet<string> = new Set(
  "token tokens secret secrets password passwords passwd passphrase pwd pin authorization auth credential credentials cookie cookies key keys apikey privatekey secretkey jwt bearer signature".split(
    " ",
  ),
);

/** Keys that say what something is filed under, and unlock nothing. */
const HARMLESS = /^(publicKey|orderKey|shardKey|idempotencyKey|primaryKey|foreignKey|keyCount)s?$/i;

/** Whether a field of that name may hold a secret. */
export function isSecretName(name: string): boolean {
  if (HARMLESS.test(name.replaceAll(/[-_.\s]/g, ""))) return false;
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2").split(/[^A-Za-z0-9]+/);
  return words.some((word) => SECRET_WORDS.has(word.toLowerCase()));
}

/**
 * Secrets within a text: what follows `Bearer` or `Basic`, a `password=…`, the password of a URL. Each is looked for only where a text has what
 * stands first, and has a bound for each part that repeats, so that no text takes long.
 */
const SECRET_TEXTS: readonly { readonly hint: RegExp; readonly pattern: RegExp; readonly put: string }[] = [
  { hint: /b(?:earer|asic)/i, pattern: /\b(bearer|basic)\s{1,8}[\w.~+/=-]{8,}/gi, put: `$1 ${REDACTED}` },
  {
    hint: /token|secret|passw|api_?key|authorization/i,
    pattern:
      /\b([\w-]{0,40}(?:token|secret|password|passwd|api_?key|authorization)["']?\s{0,8}[=:]\s{0,8}["']?)(?!bearer|basic)[^\s"'&,;]+/gi,
    put: `$1${REDACTED}`,
  },
  { hint: /:\/\//, pattern: /(:\/\/[^\s:/@]{0,256}):[^\s/@]{1,256}@/g, put: `$1:${REDACTED}@` },
];

/** Records of entries that were cleaned already. */
const CLEANED = new WeakMap<LogEntry, LogRecord>();

/** Makes the record of an entry: context in its places, secrets out, all within bounds. It never throws. */
export function recordOf(entry: LogEntry): LogRecord {
  return CLEANED.get(entry) ?? makeRecord(entry);
}

function makeRecord(entry: LogEntry): LogRecord {
  const { timeMs, level, text, fields } = entry;
  const rest: Record<string, unknown> = {};
  const record: Record<string, unknown> = { time: timeText(timeMs), level, text: plainText(text) };
  for (const name of CONTEXT) if (typeof fields[name] === "string") record[name] = plainText(fields[name]);
  if (fields["watched"] === true) record["watched"] = true;
  let count = 0;
  for (const [name, value] of Object.entries(fields)) {
    if (Object.hasOwn(record, name) && name !== "time" && name !== "level" && name !== "text") continue;
    if (++count > LOG_FIELDS_MAX) break;
    rest[name] = plainField(name, value, LOG_DEPTH_MAX);
  }
  if (count > 0) record["fields"] = rest;
  return bounded(record as unknown as LogRecord);
}

/** The entry as sinks may have it: secrets out of its fields and its text. */
export function cleanEntry(entry: LogEntry): LogEntry {
  const record = recordOf(entry);
  const { time: _time, level, text, fields, ...context } = record;
  const clean = { timeMs: entry.timeMs, level, text, fields: { ...context, ...fields } as LogFields };
  CLEANED.set(clean, record);
  return clean;
}

function bounded(record: LogRecord): LogRecord {
  if (record.fields === undefined) return record;
  const length = JSON.stringify(record.fields).length;
  if (length <= LOG_LINE_CHARACTERS_MAX - 2 * LOG_TEXT_CHARACTERS_MAX) return record;
  return { ...record, fields: { leftOut: `${length} characters of fields` } };
}

function timeText(timeMs: number): string {
  const date = new Date(timeMs);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}

function plainField(name: string, value: unknown, depth: number): unknown {
  return value !== undefined && value !== null && isSecretName(name) ? REDACTED : plain(value, depth);
}

/** A value as JSON can hold it; what it cannot hold is told as text, so that no line is lost. */
function plain(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "string":
      return plainText(value);
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "object":
      return value === null ? null : plainObject(value, depth);
    default:
      return plainText(String(value));
  }
}

function plainObject(value: object, depth: number): unknown {
  if (value instanceof Error) return plainText(value.stack ?? value.message);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof Date) return timeText(value.getTime());
  if (depth === 0) return Array.isArray(value) ? "[…]" : "{…}";
  if (Array.isArray(value)) return value.slice(0, LOG_FIELDS_MAX).map((one) => plain(one, depth - 1));
  try {
    const names = Object.keys(value).slice(0, LOG_FIELDS_MAX);
    return Object.fromEntries(names.map((name) => [name, plainField(name, Reflect.get(value, name), depth - 1)]));
  } catch (thrown) {
    return `cannot be read: ${String(thrown)}`;
  }
}

function plainText(text: string): string {
  const short = text.length > LOG_TEXT_CHARACTERS_MAX ? `${text.slice(0, LOG_TEXT_CHARACTERS_MAX)}…` : text;
  return SECRET_TEXTS.reduce(
    (left, { hint, pattern, put }) => (hint.test(left) ? left.replace(pattern, put) : left),
    short,
  );
}
