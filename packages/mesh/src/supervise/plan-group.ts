import type { Strategy } from "./spec.ts";

/** Where a child stands. */
export type Phase = "down" | "unknown" | "starting" | "ready" | "stopping";

/** What a plan must know of one child. */
export interface ChildStand {
  readonly name: string;
  readonly phase: Phase;
  /** Whether it is to run. */
  readonly wanted: boolean;
  /** Whether the process that runs must go, be another wanted or not. */
  readonly stale: boolean;
  /** It is not started before this time. */
  readonly notBeforeMs: number;
}

/** What is to be done now; nothing of it waits for anything. */
export interface GroupPlan {
  readonly stop: readonly string[];
  readonly start: readonly string[];
  /** When to look again although nothing happened; infinite for never. */
  readonly againMs: number;
}

/**
 * Says what to do next for a group, from how it stands and nothing else, so that it does not matter what was missed or done twice.
 * Of a group that goes down together, children stop one by one from the last, and start one by one from the first, each when the one
 * before is ready. A child that nobody could tell anything about is left alone, and no second is started in its place.
 */
export function planGroup(strategy: Strategy, children: readonly ChildStand[], nowMs: number): GroupPlan {
  const isChained = strategy !== "one-for-one";
  const leaving = children.filter((child) => isUp(child) && (child.stale || !child.wanted));
  const isStopping = children.some(({ phase }) => phase === "stopping");
  if (isChained && (isStopping || leaving.length > 0)) {
    const last = leaving.at(-1);
    return { stop: isStopping || last === undefined ? [] : [last.name], start: [], againMs: Number.POSITIVE_INFINITY };
  }
  const missing = children.filter((child) => child.wanted && child.phase === "down");
  const next = isChained ? firstInOrder(children) : missing;
  const start = next.filter(({ notBeforeMs }) => notBeforeMs <= nowMs).map(({ name }) => name);
  const waiting = next.filter(({ notBeforeMs }) => notBeforeMs > nowMs).map(({ notBeforeMs }) => notBeforeMs);
  return { stop: leaving.map(({ name }) => name).reverse(), start, againMs: Math.min(...waiting) };
}

function isUp({ phase }: ChildStand): boolean {
  return phase === "starting" || phase === "ready";
}

/** The one that may start now: the first that is wanted and not ready, if it is down. */
function firstInOrder(children: readonly ChildStand[]): readonly ChildStand[] {
  const first = children.find(({ wanted, phase }) => wanted && phase !== "ready");
  return first?.phase === "down" ? [first] : [];
}
