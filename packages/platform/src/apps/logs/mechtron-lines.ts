import type { LogSink } from "@orrery/core";
import { formatLog } from "@orrery/mesh";
import { parentText } from "@orrery/registry";
import type { LogRules } from "./log-rules.ts";
import { isKept } from "./log-threshold.ts";
import type { AppLogs } from "./system-app-logs.ts";

/** Makes a sink that writes what mechtrons of apps say into the log of their app, too, as far as it is wanted there; `debug` into that alone. */
export function mechtronLines(
  logs: Pick<AppLogs, "has" | "note">,
  { sink, levelOf }: { readonly sink: LogSink; readonly levelOf: LogRules["of"] },
): LogSink {
  return (entry) => {
    if (entry.level !== "debug") sink(entry);
    const { mechtron, ...fields } = entry.fields;
    if (typeof mechtron !== "string" || !mechtron.includes(":")) return;
    const app = parentText(mechtron);
    if (!logs.has(app) || !isKept(entry.level, levelOf(mechtron))) return;
    const text = formatLog({ ...entry, fields }, "json", mechtron);
    logs.note(app, { stream: "mechtron", instance: mechtron.slice(app.length + 1), text });
  };
}
