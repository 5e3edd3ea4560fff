import type { LogLevel } from "@orrery/core";

/** Which lines of an address are kept: those from a level on, or none. */
export type LogThreshold = LogLevel | "off";

/** Every threshold that there is, the most talkative first. */
export const LOG_THRESHOLDS: readonly LogThreshold[] = ["debug", "info", "warn", "error", "off"];

/** What counts where no rule says otherwise. */
export const LOG_THRESHOLD_DEFAULT: LogThreshold = "info";

/** Whether a line of a level is kept. */
export function isKept(level: LogLevel, from: LogThreshold): boolean {
  return LOG_THRESHOLDS.indexOf(level) >= LOG_THRESHOLDS.indexOf(from);
}
