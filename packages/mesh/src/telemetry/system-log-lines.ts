import { type LogEntry, type LogSink, OrreryError } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import pino from "pino";
import { recordOf } from "./log-record.ts";

/** Options of log lines. */
export interface LogLinesOptions {
  /** File descriptor, or a file that is added to. Default: 1, the standard output. */
  readonly to?: number | string;
}

/** Lines of JSON. */
export interface LogLines {
  readonly sink: LogSink;
  /** Writes that a full disk, or a reader that is gone, did not take. */
  readonly failed: number;
}

/**
 * Makes a sink that writes each entry as one line of JSON, by pino, before it returns and in this thread: no line is lost in a crash, and none waits.
 * @throws OrreryError `unavailable` for a file that cannot be opened.
 */
export function createLogLines({ to = 1 }: LogLinesOptions = {}): LogLines {
  let failed = 0;
  const file = openFile(to);
  file.on("error", () => failed++); // Must not end the process.
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
    get failed() {
      return failed;
    },
  };
}

function openFile(to: number | string): ReturnType<typeof pino.destination> {
  try {
    return pino.destination({ dest: to, sync: true, mkdir: true });
  } catch (thrown) {
    const text = `Cannot write log lines to "${to}": ${messageOf(thrown)}, choose a file that can be written to`;
    throw new OrreryError("unavailable", text, { cause: thrown });
  }
}
