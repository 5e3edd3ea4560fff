import { spaceOf } from "@orrery/registry";
import type { AppLogs } from "../apps/logs/system-app-logs.ts";
import type { Refusals } from "./refusals.ts";

/** What the log of an app is told of a process that had more memory than its plan lets it have. */
const KILLED = /killed: memory limit .+ of plan (\S+)$/;

/** The same logs, which have it remembered that a plan's memory was not enough. */
export function noteKills(logs: AppLogs, refusals: Pick<Refusals, "note"> | undefined): AppLogs {
  if (refusals === undefined) return logs;
  return {
    ...logs,
    note: (app, note) => {
      logs.note(app, note);
      const plan = KILLED.exec(note.text)?.[1];
      const what = note.instance === undefined ? app : `${app}, ${note.instance}`;
      if (plan !== undefined && note.stream === "platform")
        refusals.note({ space: spaceOf(app), plan, limit: "memory", text: `A process of ${what} was ${note.text}` });
    },
  };
}
