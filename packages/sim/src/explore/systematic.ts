import { isControl } from "@orrery/core/internal";
import type { PlannedEvent } from "../order/event-queue.ts";
import type { Lane } from "../order/lane.ts";
import type { Strategy } from "../order/strategy.ts";

/** One place of a run at which more than one event could be next. */
interface Decision {
  /** Ids of the events that could be next, in their order. */
  readonly enabled: readonly string[];
  chosen: string;
  /** Those that are still to be tried here, and those that were. */
  readonly todo: Set<string>;
  readonly done: Set<string>;
}

/** An event that ran. */
interface Step {
  readonly id: string;
  readonly cause: string;
  readonly target: number;
  readonly lane: Lane | undefined;
  /** Whether a component may see it: connections and control make no difference to what comes over other ones. */
  readonly isSeen: boolean;
  /** Index of the decision at which it could have been another; -1 where there was no choice. */
  readonly decision: number;
}

/** Tries the orders of a small world, each that makes a difference once. */
export interface SystematicSearch {
  /** Begins the next run; undefined when every order has been tried. */
  next(): Strategy | undefined;
  /** Notes an event that runs. */
  ran(event: PlannedEvent): void;
  /** Ends a run, and finds which other orders are worth trying. */
  ended(): void;
}

/** Options of a systematic search. */
export interface SystematicOptions {
  readonly slackTicks: number;
  /** Decisions of a run that are varied; what comes later goes its usual way. */
  readonly decisionsMax: number;
}

/**
 * Depth first, with dynamic partial-order reduction: nodes share nothing, so two events are only tried in the other order where they
 * happen at one node, a component may see both, and neither led to the other (Flanagan, Godefroid: Dynamic Partial-Order Reduction for Model Checking Software, 2005).
 */
export function createSystematicSearch(options: SystematicOptions): SystematicSearch {
  return new DepthFirstSearch(options);
}

const EVENTS_MAX = 64;

/** Owns the decisions of the run of the moment. I1: decisions before the one that is varied go as in the run before. */
class DepthFirstSearch implements SystematicSearch {
  readonly #options: SystematicOptions;
  readonly #decisions: Decision[] = [];
  #depth = 0;
  #steps: Step[] = [];
  #isFirst = true;

  constructor(options: SystematicOptions) {
    this.#options = options;
  }

  next(): Strategy | undefined {
    if (!this.#isFirst && !this.#backtrack()) return undefined;
    this.#isFirst = false;
    this.#depth = 0;
    this.#steps = [];
    const { slackTicks } = this.#options;
    return { slackTicks, eventsMax: EVENTS_MAX, choose: (enabled) => this.#choose(enabled) };
  }

  ran({ origin, sequence, causeOrigin, causeSequence, target, lane, frame }: PlannedEvent): void {
    const id = `${origin}#${sequence}`;
    const last = this.#decisions[this.#depth - 1];
    const decision = last?.chosen === id && this.#depth <= this.#decisions.length ? this.#depth - 1 : -1;
    const isSeen = frame === undefined || (frame.kind === "message" && !isControl(frame.message));
    this.#steps.push({ id, cause: `${causeOrigin}#${causeSequence}`, target, lane, isSeen, decision });
  }

  ended(): void {
    this.#decisions.length = Math.min(this.#decisions.length, this.#depth);
    const index = new Map(this.#steps.map(({ id }, at) => [id, at]));
    const before = this.#causes(index);
    const lastAt = new Map<number, number[]>();
    for (const [at, step] of this.#steps.entries()) {
      if (!step.isSeen) continue;
      const earlier = lastAt.get(step.target) ?? [];
      this.#race(at, earlier, { index, before });
      lastAt.set(step.target, [...earlier.slice(-8), at]);
    }
  }

  /** For each step, the steps that led to it: its cause, and all that its cause could know of. */
  #causes(index: ReadonlyMap<string, number>): readonly ReadonlySet<number>[] {
    const led: Set<number>[] = [];
    const known: Set<number>[] = []; // What led to a step, and what happened at its node before.
    const lastAt = new Map<number, number>();
    const lastOn = new Map<Lane, number>();
    for (const [at, { cause, target, lane }] of this.#steps.entries()) {
      const causes = new Set<number>();
      for (const from of [index.get(cause), lane === undefined ? undefined : lastOn.get(lane)]) {
        if (from === undefined || from >= at) continue;
        causes.add(from);
        for (const one of known[from] ?? []) causes.add(one);
      }
      if (lane !== undefined) lastOn.set(lane, at);
      const previous = lastAt.get(target);
      const all = new Set(causes);
      if (previous !== undefined) for (const one of known[previous]?.values() ?? []) all.add(one);
      if (previous !== undefined) all.add(previous);
      led.push(causes);
      known.push(all);
      lastAt.set(target, at);
    }
    return led;
  }

  /** Plans to try a step before those at its node that did not lead to it. */
  #race(
    at: number,
    earlier: readonly number[],
    { index, before }: { readonly index: ReadonlyMap<string, number>; readonly before: readonly ReadonlySet<number>[] },
  ): void {
    for (const other of earlier.toReversed()) {
      if (before[at]?.has(other) === true) continue;
      const decision = this.#decisionAt(other);
      if (decision === undefined) continue;
      const candidate = this.#enabledAncestor(at, decision, index);
      if (candidate === undefined) for (const id of decision.enabled) decision.todo.add(id);
      else decision.todo.add(candidate);
      return;
    }
  }

  /** The decision by which a step came when it did. */
  #decisionAt(at: number): Decision | undefined {
    const number = this.#steps[at]?.decision ?? -1;
    return number < 0 || number >= this.#options.decisionsMax ? undefined : this.#decisions[number];
  }

  /** The step, or what led to it, as it stood among those that could be chosen. */
  #enabledAncestor(at: number, { enabled }: Decision, index: ReadonlyMap<string, number>): string | undefined {
    for (let step = this.#steps[at]; step !== undefined; ) {
      if (enabled.includes(step.id)) return step.id;
      const from = index.get(step.cause);
      step = from === undefined ? undefined : this.#steps[from];
    }
    return undefined;
  }

  #choose(events: readonly PlannedEvent[]): number {
    const enabled = events.map(({ origin, sequence }) => `${origin}#${sequence}`);
    const depth = this.#depth++;
    const known = this.#decisions[depth];
    if (known !== undefined) return Math.max(0, enabled.indexOf(known.chosen)); // I1
    const [first = ""] = enabled;
    this.#decisions.push({ enabled, chosen: first, todo: new Set(), done: new Set([first]) });
    return 0;
  }

  /** Goes back to the last decision with something left to try. */
  #backtrack(): boolean {
    for (let last = this.#decisions.at(-1); last !== undefined; last = this.#decisions.at(-1)) {
      const left = [...last.todo].find((id) => !last.done.has(id));
      if (left !== undefined) {
        last.done.add(left);
        last.chosen = left;
        return true;
      }
      this.#decisions.pop();
    }
    return false;
  }
}
