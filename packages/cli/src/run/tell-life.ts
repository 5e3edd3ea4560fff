import { relative } from "node:path";
import { formatLog, type LifeEvent, type LogForm } from "@orrery/mesh";
import type { Terminal } from "../terminal.ts";

/** How lines are written, and the folder from which others are named. */
export interface TellLifeOptions {
  readonly log: LogForm;
  readonly cwd: string;
}

/** What goes on before components start and after they have ended, as log lines. */
export function tellLife(
  { kind, stage, folder, text }: LifeEvent,
  { log, cwd }: TellLifeOptions,
  terminal: Terminal,
): void {
  const level = kind === "warning" ? "warn" : kind === "line" ? "info" : "debug";
  if (level === "debug" && log === "text") return; // For programs, which may want to see every stage.
  const fields = { folder: relative(cwd, folder) || ".", stage };
  terminal.say(formatLog({ timeMs: Date.now(), level, text: text || stage, fields }, log));
}
