import type { Clock } from "@orrery/core";
import { formatLog } from "@orrery/mesh";
import { parentText } from "@orrery/registry";
import type { RequestLog } from "../../web/request-log.ts";
import type { LogRules } from "./log-rules.ts";
import type { AppLogs } from "./system-app-logs.ts";

/** Options of `createRequestLines`. */
export interface RequestLinesOptions {
  readonly logs: Pick<AppLogs, "has" | "note">;
  readonly levels: Pick<LogRules, "of" | "isTalking">;
  readonly clock: Pick<Clock, "now">;
}

/** Makes what writes a line for each request that leads to an app, or to a mechtron in one, of which each message is wanted. */
export function createRequestLines({ logs, levels, clock }: RequestLinesOptions): RequestLog {
  return {
    get isOn() {
      return levels.isTalking;
    },
    tell: (address, { request: { method, path }, status, durationMs }) => {
      if (levels.of(address) !== "debug") return;
      const app = [address, parentText(address)].find((one) => logs.has(one));
      if (app === undefined) return; // What it led to is of no app, such as a file.
      const fields = { request: `${method} ${path}`, status, durationMs: Math.round(durationMs * 1_000) / 1_000 };
      const entry = { timeMs: clock.now(), level: "debug", text: "request answered", fields } as const;
      const instance = address.slice(app.length + 1);
      logs.note(app, { stream: "platform", instance, text: formatLog(entry, "json", address) });
    },
  };
}
