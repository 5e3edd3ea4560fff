import type { LogLevel } from "@orrery/core";
import { componentOf, type LogLine } from "./log-line.ts";

const LEVEL = /^\{"time":"[^"]{1,40}","level":"(debug|info|warn|error)"/;

/** The address of what a line comes from: a component, a mechtron, or the app itself. */
export function addressOfLine(
  app: string,
  { stream, instance }: { readonly stream: string; readonly instance: string },
): string {
  if (instance === "") return app;
  return `${app}:${stream === "mechtron" ? instance : componentOf(instance)}`;
}

/** The level of a line; what was printed without one counts as `info`. */
export function levelOfLine({ text }: Pick<LogLine, "text">): LogLevel {
  return (LEVEL.exec(text)?.[1] as LogLevel | undefined) ?? "info";
}
