import { type Clock, type Log, OrreryError } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import { CHANGES_MAX, ELASTIC_COMPONENTS_MAX, LOOK_MS, REST_MAX_MS, REST_MIN_MS } from "./limits.ts";
import type { Placement } from "./placement.ts";
import {
  type Demand,
  type ElasticDecision,
  type ElasticMemory,
  type ElasticPolicy,
  type ElasticReason,
  explainDecision,
  ladderPolicy,
  NO_MEMORY,
  type Rung,
  type RungChange,
} from "./policy.ts";
import { completeElasticRules, type ElasticRules } from "./rules.ts";

/** What is wanted of one component now. */
export type Wanted = Pick<Demand, "waitedMs" | "waiting" | "idle">;

/** Something that a controller decided to do. */
export interface ElasticEvent {
  /** Monotonic time, in ms. */
  readonly atMs: number;
  readonly component: string;
  readonly changes: readonly RungChange[];
  readonly reason: ElasticReason;
  /** In words. */
  readonly text: string;
}

/** Options of a controller. */
export interface ElasticOptions {
  readonly clock: Clock;
  /** Where it says what it does. Default: nowhere. */
  readonly log?: Log;
  /** The components that it sizes, and what they follow. */
  readonly components: Readonly<Record<string, Partial<ElasticRules>>>;
  /** Tells what is wanted of a component now, from memory. */
  readonly wanted: (component: string) => Wanted;
  /** Where instances may run, nearest first. */
  readonly placements: readonly Placement[];
  /** Decides. Default: the ladder. */
  readonly policy?: ElasticPolicy;
  /** Time between two looks, in ms. Default: 50; sooner when a wait is about to be too long. */
  readonly everyMs?: number;
  /** Told of everything that is done. Default: nobody. */
  readonly onChange?: (event: ElasticEvent) => void;
}

/** Sizes components by what is wanted of them. */
export interface Elastic {
  /** Changes what a component follows, from the next look on. @throws OrreryError `not_found` or `invalid_argument`. */
  change(component: string, rules: Partial<ElasticRules>): void;
  /** Looks at once, as when something was heard that cannot wait for the next look. */
  look(): void;
  /** Says how a component stands and what would be done now, and why; changes nothing. @throws OrreryError `not_found`. */
  explain(component: string): string;
  /** Looks no more; resolves when what is under way has ended. What was added stays. */
  stop(): Promise<void>;
}

/** Makes a controller, which begins to look. @throws OrreryError `invalid_argument` or `resource_exhausted`. */
export function createElastic(options: ElasticOptions): Elastic {
  const controller = new Controller(options);
  controller.look();
  return controller;
}

interface Sized {
  rules: ElasticRules;
  memory: ElasticMemory;
}

/** How long a place is left alone for a component. */
interface Rest {
  readonly untilMs: number;
  readonly lengthMs: number;
}

/**
 * Owns: what it remembers of each component, and what it has under way. I1: for one component and place one change at a time. I2: a place that
 * failed has no room until it has rested. I3: it acts on what stands now, never on what it did: what is lost is seen at the next look.
 */
class Controller implements Elastic {
  readonly #options: ElasticOptions;
  readonly #policy: ElasticPolicy;
  readonly #components = new Map<string, Sized>();
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #rests = new Map<string, Rest>();
  #timer: { cancel(): void } | undefined;
  #stopped = false;

  constructor(options: ElasticOptions) {
    this.#options = options;
    this.#policy = options.policy ?? ladderPolicy;
    const components = Object.entries(options.components);
    if (components.length > ELASTIC_COMPONENTS_MAX) {
      const text = `Cannot size ${components.length} components: the limit is ${ELASTIC_COMPONENTS_MAX}, use several controllers`;
      throw new OrreryError("resource_exhausted", text);
    }
    for (const [name, said] of components)
      this.#components.set(name, { rules: completeElasticRules(name, said), memory: NO_MEMORY });
  }

  look(): void {
    if (this.#stopped) return;
    this.#timer?.cancel();
    let nextMs = this.#options.everyMs ?? LOOK_MS;
    for (const [component, sized] of this.#components) {
      const demand = this.#demand(component);
      const decision = this.#policy.decide(sized.rules, sized.memory, demand);
      if (this.#act(component, sized.rules, demand, decision)) sized.memory = decision.memory;
      const { waitedMs, waiting, idle } = demand;
      if (waiting > 0 && idle === 0 && waitedMs <= sized.rules.waitMs)
        nextMs = Math.min(nextMs, sized.rules.waitMs - waitedMs + OVERDUE_MS);
    }
    this.#timer = this.#options.clock.timer(nextMs, () => this.look());
  }

  change(component: string, rules: Partial<ElasticRules>): void {
    const sized = this.#known(component, "change");
    sized.rules = completeElasticRules(component, { ...sized.rules, ...rules });
  }

  explain(component: string): string {
    const { rules, memory } = this.#known(component, "explain");
    const demand = this.#demand(component);
    return explainDecision(component, rules, demand, this.#policy.decide(rules, memory, demand));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await Promise.all(this.#underWay.values());
  }

  #known(component: string, doing: string): Sized {
    const sized = this.#components.get(component);
    if (sized !== undefined) return sized;
    const known = [...this.#components.keys()].map((name) => `"${name}"`).join(", ") || "none";
    throw new OrreryError("not_found", `Cannot ${doing} the size of "${component}": this controller sizes ${known}`);
  }

  #demand(component: string): Demand {
    const nowMs = this.#options.clock.monotonic();
    const rungs = this.#options.placements.map((placement): Rung => {
      const { instances, starting, room } = placement.list(component);
      const isResting = (this.#rests.get(keyOf(component, placement.name))?.untilMs ?? 0) > nowMs; // I2
      return { name: placement.name, scope: placement.scope, instances, starting, room: isResting ? 0 : room };
    });
    return { nowMs, ...this.#options.wanted(component), rungs };
  }

  /** Begins what was decided; gives false when it must wait, and is to be decided anew. */
  #act(component: string, rules: ElasticRules, demand: Demand, decision: ElasticDecision): boolean {
    const { changes, reason } = decision;
    if (changes.length === 0) return true;
    const isBusy = changes.some(({ rung, by }) => this.#underWay.has(keyOf(component, rung, by))); // I1
    if (isBusy || this.#underWay.size + changes.length > CHANGES_MAX) return false;
    const text = explainDecision(component, rules, demand, decision);
    this.#options.log?.info("size changes", { component, reason, text });
    this.#options.onChange?.({ atMs: demand.nowMs, component, changes, reason, text });
    for (const { rung, by } of changes) {
      const placement = this.#options.placements.find(({ name }) => name === rung);
      if (placement === undefined) continue;
      const key = keyOf(component, rung, by);
      const done = this.#change(placement, component, by).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, done);
    }
    return true;
  }

  async #change(placement: Placement, component: string, by: number): Promise<void> {
    const { clock, log } = this.#options;
    const key = keyOf(component, placement.name);
    try {
      if (by > 0) await placement.grow(component, by);
      else await placement.shrink(component, -by);
      if (by > 0) this.#rests.delete(key);
    } catch (error) {
      const lengthMs = Math.min(REST_MAX_MS, 2 * (this.#rests.get(key)?.lengthMs ?? REST_MIN_MS / 2));
      this.#rests.set(key, { untilMs: clock.monotonic() + lengthMs, lengthMs });
      log?.warn("size did not change", {
        component,
        place: placement.name,
        by,
        error: messageOf(error),
        restMs: lengthMs,
      });
    }
  }
}

/** How much later than the moment itself a wait is looked at that is then too long. */
const OVERDUE_MS = 1;

/** What goes takes as long as its work does; what comes need not wait for it. */
function keyOf(component: string, place: string, by = 0): string {
  return `${component}\n${place}${by === 0 ? "" : by > 0 ? "\n+" : "\n-"}`;
}
