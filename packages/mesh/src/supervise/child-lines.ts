import type { Socket } from "node:net";
import type { JsonValue } from "@orrery/core";
import { LINE_BYTES_MAX } from "./limits.ts";

/** From supervisor to child; `hello` first, by which it proves that it may. */
export type ToChild =
  | { readonly kind: "hello"; readonly token: string }
  | { readonly kind: "ping" }
  | { readonly kind: "drain"; readonly timeoutMs: number };

/** From child to supervisor; `hello` in answer to the other's. */
export type FromChild =
  | { readonly kind: "hello"; readonly token: string; readonly pid: number }
  /** With what it has to report, where it reports. */
  | { readonly kind: "pong"; readonly report?: JsonValue }
  /** What it has to tell between two pings. */
  | { readonly kind: "told"; readonly news: JsonValue }
  | { readonly kind: "ready"; readonly address: string }
  | { readonly kind: "failed"; readonly text: string };

/** What a child is told in its environment. */
export interface ChildOrder {
  /** Unix socket that it opens. */
  readonly socket: string;
  readonly token: string;
  /** Absent of a blank, which is told later. */
  readonly program?: JsonValue;
  /** Whether it is to wait until it is told what to run. Default: false. */
  readonly blank?: boolean;
}

/** What a blank is told that is to be a child, in one line. */
export interface BlankOrder {
  readonly program: JsonValue;
  /** All variables that it has from now on. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Working folder; threads have that of their process. */
  readonly cwd?: string;
}

/** File descriptor of the line on which a blank is told; it ends with the supervisor. */
export const BLANK_LINE = 3;

/** Variable that holds the order of a child. */
export const ORDER_VARIABLE = "ORRERY_SUPERVISED";

/** Calls back with each line of JSON that arrives; a line that is too long or is none ends the connection. */
export function onLines(socket: Socket, take: (line: { readonly kind?: unknown }) => void): void {
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("error", () => undefined); // Told by the close that follows.
  socket.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LINE_BYTES_MAX) socket.destroy();
    for (const line of lines) {
      const message = parse(line);
      if (message === undefined) socket.destroy();
      else take(message);
    }
  });
}

/** Writes a line, and tells when it has left; to a connection that is gone it goes nowhere. */
export function writeLine(socket: Socket | undefined, message: ToChild | FromChild, onLeft?: () => void): void {
  if (socket?.writable) socket.write(`${JSON.stringify(message)}\n`, () => onLeft?.());
}

function parse(line: string): { readonly kind?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
