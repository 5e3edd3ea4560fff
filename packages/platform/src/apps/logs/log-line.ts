import { LOG_LINE_LENGTH } from "./limits.ts";

/** Where a line comes from: printed by a process, or by a mechtron, told of the check of its code, or by the platform about it. */
export type LogStream = "stdout" | "stderr" | "mechtron" | "build" | "platform";

/** Every stream that there is. */
export const LOG_STREAMS: readonly LogStream[] = ["stdout", "stderr", "mechtron", "build", "platform"];

/** One line of an app's log. */
export interface LogLine {
  /** Its number in the log of its app, from 1; none comes twice. */
  readonly seq: number;
  /** When it was printed, in ms since 1970. */
  readonly atMs: number;
  readonly stream: LogStream;
  /** Name of the process or mechtron; empty for the app itself. */
  readonly instance: string;
  readonly text: string;
}

/** A line that has no number yet. */
export type NewLine = Omit<LogLine, "seq">;

/** Which lines somebody wants; what is left out is not asked for. */
export interface LogFilter {
  readonly sinceMs?: number;
  /** An instance, or a component, all of whose instances are meant. */
  readonly instance?: string;
  readonly streams?: readonly string[];
}

/** Makes what says whether a line is wanted. */
export function logFilter({ sinceMs = 0, instance = "", streams = [] }: LogFilter): (line: LogLine) => boolean {
  return (line) =>
    line.atMs >= sinceMs &&
    (instance === "" || line.instance === instance || componentOf(line.instance) === instance) &&
    (streams.length === 0 || streams.includes(line.stream));
}

/** The component that a process is one of: `greeter` for `greeter-0`, and for `greeter-0.next`, which is about to take its place. */
export function componentOf(instance: string): string {
  return instance.replace(/-\d+(\.next\d*)?$/, "");
}

/** A line as a file has it. */
export function printLogLine({ seq, atMs, stream, instance, text }: LogLine): string {
  return `${JSON.stringify([seq, atMs, stream, instance, cut(text)])}\n`;
}

/** Reads a line of a file; undefined for one that is torn. */
export function parseLogLine(line: string): LogLine | undefined {
  try {
    const [seq, atMs, stream, instance, text] = JSON.parse(line) as [number, number, LogStream, string, string];
    return { seq, atMs, stream, instance, text };
  } catch {
    return undefined;
  }
}

function cut(text: string): string {
  return text.length > LOG_LINE_LENGTH
    ? `${text.slice(0, LOG_LINE_LENGTH)}… (${text.length - LOG_LINE_LENGTH} more)`
    : text;
}
