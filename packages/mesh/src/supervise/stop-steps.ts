import { KILL_AGAIN_MS, KILLS_MAX } from "./limits.ts";
import type { KeepRules } from "./spec.ts";

/** One step on the way to the end of a process, and how long to wait until the next when it has not ended. */
export interface StopStep {
  readonly kind: "settle" | "drain" | "SIGTERM" | "SIGKILL" | "stuck";
  readonly waitMs: number;
}

/** How a process is ended: with all that it accepted; at once when it would not listen; or without a word. */
export type StopWay = "orderly" | "deaf" | "forced";

/** The steps to the end of a process, in their order. What is routed to it must have stopped before the first. */
export function stopSteps(way: StopWay, rules: KeepRules): readonly StopStep[] {
  const kills = Array.from({ length: KILLS_MAX }, (): StopStep => ({ kind: "SIGKILL", waitMs: KILL_AGAIN_MS }));
  const end: readonly StopStep[] = [...kills, { kind: "stuck", waitMs: Number.POSITIVE_INFINITY }];
  if (way === "forced") return end;
  const term: StopStep = { kind: "SIGTERM", waitMs: rules.termMs };
  if (way === "deaf") return [term, ...end];
  // A child that is slow by a hair to end by itself is not to be hit by a signal: what it says of its drain is bounded by the same time.
  const drain: StopStep = { kind: "drain", waitMs: rules.drainMs + rules.termMs };
  return [{ kind: "settle", waitMs: rules.settleMs }, drain, term, ...end];
}
