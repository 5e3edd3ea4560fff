import type { GuestPorts } from "./guest-ports.ts";
import { LOG_LINE_MAX, LOG_LINES_MAX } from "./limits.ts";

/** Lets so many lines of one message through, each cut to its length; whoever runs the guest begins it anew for each message. */
export interface LogBudget {
  readonly log: GuestPorts["log"];
  /** Begins another message; says how many lines were dropped before. */
  renew(): void;
}

/** Makes a budget in front of a log. */
export function createLogBudget(log: GuestPorts["log"]): LogBudget {
  let lines = 0;
  return {
    log(level, text) {
      lines += 1;
      if (lines > LOG_LINES_MAX) return;
      log(level, text.length > LOG_LINE_MAX ? `${text.slice(0, LOG_LINE_MAX)}…` : text);
    },
    renew() {
      if (lines > LOG_LINES_MAX)
        log(2, `${lines - LOG_LINES_MAX} more lines were dropped: a message may write ${LOG_LINES_MAX}`);
      lines = 0;
    },
  };
}
