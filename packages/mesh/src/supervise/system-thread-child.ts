import type { JsonValue } from "@orrery/core";
import { keepCompiled } from "../system-compiled.ts";
import type { ThreadLine } from "../system-thread.ts";
import type { ToChild } from "./child-lines.ts";
import type { SupervisorLine } from "./system-child.ts";
import type { FromThreadChild } from "./system-thread-control.ts";

/** Makes a thread's side of its line to the supervisor of its process. Asked to terminate, it drains within `termMs`. */
export function createThreadChildLine(
  line: ThreadLine,
  { termMs, compiledKeptMs }: { readonly termMs: number; readonly compiledKeptMs: number },
): SupervisorLine {
  const say = (message: FromThreadChild) => line.send(message);
  let report: (() => JsonValue) | undefined;
  let onDrain: ((timeoutMs: number) => void) | undefined;
  let drainMs: number | undefined;
  const drain = (timeoutMs: number) => {
    if (drainMs !== undefined) return;
    drainMs = timeoutMs;
    onDrain?.(timeoutMs);
  };
  line.onMessage((message) => {
    const order = message as ToChild;
    if (order.kind === "drain") drain(order.timeoutMs);
    if (order.kind !== "ping") return;
    const { heapTotal, external } = process.memoryUsage(); // Of this thread alone.
    say({ kind: "holds", memoryBytes: heapTotal + external });
    say(report === undefined ? { kind: "pong" } : { kind: "pong", report: report() });
  });
  line.onTerminate(() => drain(termMs));
  line.unref();
  return {
    program: line.data as JsonValue,
    ready(address) {
      say({ kind: "ready", address });
      setTimeout(keepCompiled, compiledKeptMs).unref();
    },
    failed(text) {
      say({ kind: "failed", text });
      return Promise.resolve(); // What a thread said before it ends is heard.
    },
    onDrain(listener) {
      onDrain = listener;
      if (drainMs !== undefined) listener(drainMs);
    },
    report(make) {
      report = make;
    },
    tell: (news) => say({ kind: "told", news }),
  };
}
