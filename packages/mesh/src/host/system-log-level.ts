import { dirname } from "node:path";
import type { LogEntry, LogLevel, LogSink } from "@orrery/core";
import { formatLog } from "../format-log.ts";
import type { LogForm } from "../process-messages.ts";
import type { LogLevelPlace } from "../supervise/component-child.ts";
import { systemFiles } from "../system-files.ts";
import { createTelemetry, type Telemetry } from "../telemetry/telemetry.ts";
import { LEVEL_LOOK_MS } from "./limits.ts";

/** The lines of a process, as they are wanted now. */
export interface LevelledLog {
  /** For its node: takes what components log, and tells of messages. */
  readonly telemetry: Telemetry;
  /** Takes what the process itself has to say. */
  readonly write: LogSink;
}

/** Options of `followLogLevel`. */
export interface LevelledLogOptions {
  readonly form: LogForm;
  readonly writeLine: (line: string) => void;
}

/** What may be wanted of lines: those from a level on, or none. */
const THRESHOLDS = ["debug", "info", "warn", "error", "off"] as const satisfies readonly (LogLevel | "off")[];
type Threshold = (typeof THRESHOLDS)[number];
const DEFAULT: Threshold = "info";

/** Writes the lines of a process from the level on that a file says, and by its next one as soon as the file says another. */
export function followLogLevel(place: LogLevelPlace, { form, writeLine }: LevelledLogOptions): LevelledLog {
  const telemetry = createTelemetry();
  const { logs } = telemetry;
  const writeEntry = (entry: LogEntry) => writeLine(formatLog(entry, form, place.address));
  let now = DEFAULT;
  let take: (() => void) | undefined;
  const obey = (level: Threshold) => {
    now = level;
    logs.messages = level === "debug";
    if (level === "off") {
      take?.();
      take = undefined;
    } else {
      logs.setLevel(level);
      take ??= logs.add(writeEntry);
    }
  };
  watchFile(place.file, () => obey(levelIn(place) ?? now));
  obey(levelIn(place) ?? DEFAULT); // What was said before the watch began is read here, and what came after it is told.
  return {
    telemetry,
    write: (entry) => {
      if (THRESHOLDS.indexOf(entry.level) >= THRESHOLDS.indexOf(now)) writeEntry(entry);
    },
  };
}

/** Calls back when a file may be another: now and then where the system lets no more processes watch. */
function watchFile(file: string, onChange: () => void): void {
  try {
    const watcher = systemFiles().watch(dirname(file), { persistent: false }, onChange);
    watcher.on("error", () => watcher.close()); // The folder has gone, and so does this process.
  } catch {
    setInterval(onChange, LEVEL_LOOK_MS).unref(); // As long as its process. `fs.watchFile` misses what is written before its first look.
  }
}

/** What the file says now; undefined where it cannot be read, which is nothing to change for. */
function levelIn({ file, name }: LogLevelPlace): Threshold | undefined {
  try {
    const levels = JSON.parse(systemFiles().readFileSync(file, "utf8")) as Readonly<Record<string, unknown>>;
    return THRESHOLDS.find((one) => one === levels[name]) ?? DEFAULT;
  } catch {
    return undefined;
  }
}
