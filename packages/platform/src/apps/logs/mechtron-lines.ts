import type { LogSink } from "@orrery/core";
import { parentText } from "@orrery/registry";
import type { AppLogs } from "./system-app-logs.ts";

/** Makes a sink that writes what mechtrons of apps say into the log of their app, too. */
export function mechtronLines(logs: Pick<AppLogs, "has" | "note">): LogSink {
  return ({ level, text, fields: { mechtron } }) => {
    if (typeof mechtron !== "string" || !mechtron.includes(":")) return;
    const app = parentText(mechtron);
    if (logs.has(app))
      logs.note(app, {
        stream: "mechtron",
        instance: mechtron.slice(app.length + 1),
        text: `${level.toUpperCase()} ${text}`,
      });
  };
}
