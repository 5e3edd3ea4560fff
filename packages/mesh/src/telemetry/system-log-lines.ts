import type { LogEntry, LogSink } from "@orrery/core";
import pino from "pino";
import { LOG_WAITING_BYTES_MAX } from "./limits.ts";
import { recordOf } from "./log-record.ts";

/** Options of log lines. */
export interface LogLinesOptions {
  /** File descriptor, or a file that is added to. Default: 1, the standard output. */
  readonly to?: number | string;
  /**
   * Whether a line is written before its call returns, or a little later: then up to 8 MiB wait for a slow file, and what goes beyond is dropped
   * and counted. Default: before.
   */
  readonly when?: "now" | "later";
}

/** Lines of JSON. */
export interface LogLines {
  readonly sink: LogSink;
  /** Lines that a slow file did not take. */
  readonly dropped: number;
  /** Writes what waits. */
  flush(): void;
}

/** Makes a sink that writes each entry as one line of JSON, by pino, in this thread. */
export function createLogLines({ to = 1, when = "now" }: LogLinesOptions = {}): LogLines {
  let dropped = 0;
  const file = pino.destination({ dest: to, sync: when === "now", maxLength: LOG_WAITING_BYTES_MAX, mkdir: true });
  file.on("drop", () => dropped++);
  const logger = pino(
    {
      base: null,
      timestamp: false,
      level: "trace",
      messageKey: "text",
      formatters: { level: (level) => ({ level }) },
    },
    file,
  );
  const sink = (entry: LogEntry) => {
    const { level, text, ...rest } = recordOf(entry);
    logger[level](rest, "%s", text);
  };
  return {
    sink,
    get dropped() {
      return dropped;
    },
    flush: () => file.flushSync(),
  };
}
