import type { Random } from "@orrery/core";
import type { KeepRules, RestartRule, Strategy } from "./spec.ts";

/** Why a process is no more, or must not be any more. */
export type ExitReason =
  /** It was asked to end. */
  | "asked"
  /** It ended by itself, with code 0. */
  | "finished"
  /** It ended with another code, or by a signal that nobody here sent. */
  | "crashed"
  /** It never became ready: it ended before, or took too long. */
  | "failed-start"
  /** It answered no question and did nothing. */
  | "hang"
  /** It answered no question and kept a processor busy. */
  | "spin"
  /** It held more memory than it may. */
  | "memory"
  /** Its memory grew steadily, and was about to be too much. */
  | "leak"
  /** It went down because of another child of its group. */
  | "group"
  /** It ended while no supervisor was there to see how. */
  | "unseen";

/** How a process of a child ended. */
export interface ExitNote {
  readonly atMs: number;
  readonly pid: number;
  readonly reason: ExitReason;
  /** For people, such as `exited with code 1`. */
  readonly text: string;
}

/** Whether a process ended as it should not. */
export function isFailure(reason: ExitReason): boolean {
  return reason !== "asked" && reason !== "group" && reason !== "finished";
}

/** Whether a child is started again after an end that nobody asked for. */
export function isRestarted(rule: RestartRule, reason: ExitReason): boolean {
  return rule === "always" || (rule === "on-failure" && isFailure(reason));
}

/** Names of all that must go down when one child failed, in the order of their starts, the failed one included. */
export function whoRestarts(strategy: Strategy, order: readonly string[], failed: string): readonly string[] {
  switch (strategy) {
    case "one-for-one":
      return [failed];
    case "all-for-one":
      return order;
    case "rest-for-one":
      return order.slice(Math.max(0, order.indexOf(failed)));
  }
}

/** The pause before a restart: it doubles with each of `tries` (from 1), and chance takes off up to half of it. */
export function backoffMs(tries: number, rules: KeepRules, random: Random): number {
  const fullMs = Math.min(rules.backoffMinMs * 2 ** Math.min(tries - 1, 40), rules.backoffMaxMs);
  return fullMs / 2 + (fullMs / 2) * random.next();
}

/** Failures that still count at a time, in ms of the same clock. */
export function recentOf(failuresMs: readonly number[], nowMs: number, rules: KeepRules): readonly number[] {
  return failuresMs.filter((atMs) => nowMs - atMs < rules.windowMs).slice(-rules.restartsMax);
}

/** Why nothing is tried any more where something is missing, all of it, a line each. */
export function unmetText(name: string, exits: readonly ExitNote[]): string {
  const missing = exits.at(-1)?.text ?? "";
  return `Cannot start "${name}": something is missing, mend it and retry\n${missing}`;
}

/** Why nothing is tried any more, with the last exits, the same ones counted. */
export function giveUpText(name: string, exits: readonly ExitNote[], rules: KeepRules): string {
  const last = exits.filter(({ reason }) => reason !== "asked" && reason !== "group").slice(-rules.restartsMax);
  const counts = new Map<string, number>();
  for (const { text } of last) counts.set(text, (counts.get(text) ?? 0) + 1);
  const said = [...counts].map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`)).join(", ");
  return `Cannot keep "${name}" up: it ended ${rules.restartsMax} times within ${rules.windowMs / 1000} s (${said}), mend it and retry`;
}
