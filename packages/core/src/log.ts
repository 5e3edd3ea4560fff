/** Severity of a line, least first. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What a line tells besides its text: plain data, no secrets. */
export type LogFields = Readonly<Record<string, unknown>>;

/** One line as a sink gets it. */
export interface LogEntry {
  /** Wall time in ms since 1970, from the node's clock. */
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly text: string;
  /** Node, instance, flow and whatever the caller added. */
  readonly fields: LogFields;
}

/** Where lines go. It must not throw and not wait. */
export type LogSink = (entry: LogEntry) => void;

/** Writes lines with a fixed context. */
export interface Log {
  debug(text: string, fields?: LogFields): void;
  info(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  error(text: string, fields?: LogFields): void;
  /** A log whose lines carry these fields too. */
  with(fields: LogFields): Log;
}

/** Options of a log. */
export interface LogOptions {
  /** Gets every line, at once. */
  readonly sink: LogSink;
  /** Wall time in ms since 1970, asked for at each line. */
  readonly now: () => number;
  /** Fields of every line. Default: none. */
  readonly fields?: LogFields;
}

/** Makes a log over a sink; times come from `now`. */
export function createLog(options: LogOptions): Log {
  const { sink, now, fields = {} } = options;
  const write = (level: LogLevel) => (text: string, more?: LogFields) =>
    sink({ timeMs: now(), level, text, fields: more === undefined ? fields : { ...fields, ...more } });
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    with: (more) => createLog({ sink, now, fields: { ...fields, ...more } }),
  };
}

/** Sink that keeps nothing: the default. */
export function discardLog(): void {}

/** One sink of those that are there. */
export function joinSinks(one: LogSink | undefined, other: LogSink | undefined): LogSink {
  if (one === undefined || other === undefined) return one ?? other ?? discardLog;
  return (entry) => {
    one(entry);
    other(entry);
  };
}
