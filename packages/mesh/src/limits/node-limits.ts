import {
  type HorizonSubject,
  type LimitsHost,
  type LimitsSource,
  type NodeLimits,
  OrreryError,
  type RateShares,
  type ShareNews,
} from "@orrery/core";
import {
  type Envelope,
  type Guard,
  type Head,
  Kind,
  type Port,
  type Refusal,
  type RefusalCheck,
} from "@orrery/core/internal";
import type { HorizonExplanation, HorizonLevels } from "../horizon/combine-horizons.ts";
import { createDistances, type MeasuredDistances } from "../horizon/distances.ts";
import { createHorizonRules, type HorizonSettings } from "../horizon/horizon-rules.ts";
import { Breakers, type CircuitChoice, type CircuitListener, type CircuitMove, type CircuitView } from "./breakers.ts";
import { SHARE_DEFAULTS, type ShareSettings } from "./flow-shares.ts";
import { RULE_TIME_MAX_MS } from "./limits.ts";
import { assertCount, assertThrottles, type BreakerRule, completeBreaker, type ThrottleRule } from "./rules.ts";
import type { Throttle, ThrottleView } from "./throttle.ts";
import { Throttles } from "./throttles.ts";

/** What of a node's limits can be changed while it runs. */
export interface LimitsSettings {
  /** Horizons beside those of messages and methods. Default: none. */
  readonly horizons?: HorizonSettings;
  /** Breakers by component and method; the first that fits counts. Default: every component has one for each place. */
  readonly breakers?: readonly BreakerRule[];
  /** Throttles; every one that fits counts. Default: none. */
  readonly throttles?: readonly ThrottleRule[];
}

/** Options of limits. */
export interface LimitsOptions extends LimitsSettings {
  /** What is known of how far others are away. Default: a book of its own, empty. */
  readonly distances?: MeasuredDistances;
  /** How shared rates are divided among nodes. */
  readonly shares?: Partial<ShareSettings>;
  /** Told of each breaker that opens or closes. Default: it is logged. */
  readonly onCircuit?: CircuitListener;
}

/** Messages that went nowhere, by what kept them and what became of them. */
export interface RefusalCount {
  readonly check: RefusalCheck;
  readonly beyond: Refusal["beyond"];
  readonly messages: number;
}

/** The limits of one node, for the node and for who runs it. */
export interface Limits extends LimitsSource, RateShares {
  readonly settings: LimitsSettings;
  readonly distances: MeasuredDistances;
  /**
   * Changes some of them, live; parts that are left out stay. What is under way goes on.
   * @throws OrreryError `invalid_argument` for a value that cannot be; nothing has changed then.
   */
  change(settings: LimitsSettings): void;
  /** The breakers of places that were called. */
  circuits(): readonly CircuitView[];
  /**
   * Opens or closes breakers by hand, or resets them; gives those that are meant, as they are now. One that was opened is tried when its time is
   * over, and closes when that goes well. @throws OrreryError `invalid_argument` for a time that cannot be.
   */
  moveCircuits(which: CircuitChoice, move: CircuitMove): readonly CircuitView[];
  throttles(): readonly ThrottleView[];
  /** Messages that went nowhere since the node began. */
  refusals(): readonly RefusalCount[];
  /** Says how far a message may travel, and who decided. */
  explainHorizon(asked: Pick<HorizonLevels, "message" | "method">, subject: HorizonSubject): HorizonExplanation;
}

/**
 * Makes limits for one node: hand them to it as its option `limits`.
 * @throws OrreryError `invalid_argument` for a value that cannot be.
 */
export function createLimits(options: LimitsOptions = {}): Limits {
  return new SeatedLimits(options);
}

/** Owns: the settings, and the parts that keep to them once a node has been given them. */
class SeatedLimits implements Limits {
  readonly distances: MeasuredDistances;
  readonly #options: LimitsOptions;
  readonly #horizons: ReturnType<typeof createHorizonRules>;
  #settings: LimitsSettings;
  #guard: LimitsGuard | undefined;

  constructor(options: LimitsOptions) {
    const { horizons, breakers, throttles, distances = createDistances() } = options;
    this.#options = options;
    this.#settings = checked({
      ...(horizons === undefined ? {} : { horizons }),
      ...(breakers === undefined ? {} : { breakers }),
      ...(throttles === undefined ? {} : { throttles }),
    });
    this.#horizons = createHorizonRules(horizons);
    this.distances = distances;
  }

  get settings(): LimitsSettings {
    return this.#settings;
  }

  seat(host: LimitsHost): NodeLimits {
    if (this.#guard !== undefined) {
      const text = `Cannot give node "${host.node}" limits that node "${this.#guard.host.node}" has: make others`;
      throw new OrreryError("failed_precondition", text);
    }
    this.#guard = new LimitsGuard(host, this.#settings, this.#options);
    return { horizons: this.#horizons, distances: this.distances, guard: this.#guard, shares: this };
  }

  change(settings: LimitsSettings): void {
    const next = checked({ ...this.#settings, ...settings });
    if (settings.horizons !== undefined) this.#horizons.change(settings.horizons);
    if (settings.breakers !== undefined) this.#guard?.breakers.change(settings.breakers);
    if (settings.throttles !== undefined) this.#guard?.throttles.change(settings.throttles);
    this.#settings = next;
  }

  circuits(): readonly CircuitView[] {
    return this.#guard?.breakers.views() ?? [];
  }

  moveCircuits(which: CircuitChoice, move: CircuitMove): readonly CircuitView[] {
    const { forMs = 1 } = move;
    if (!(forMs >= 1 && forMs <= RULE_TIME_MAX_MS)) {
      const text = `Cannot move breakers for ${forMs} ms: write a time from 1 ms to ${RULE_TIME_MAX_MS / 60_000} min`;
      throw new OrreryError("invalid_argument", text);
    }
    return this.#guard?.breakers.move(which, move) ?? [];
  }

  throttles(): readonly ThrottleView[] {
    return this.#guard?.throttles.views() ?? [];
  }

  refusals(): readonly RefusalCount[] {
    return this.#guard?.refusals() ?? [];
  }

  explainHorizon(asked: Pick<HorizonLevels, "message" | "method">, subject: HorizonSubject): HorizonExplanation {
    return this.#horizons.explain(asked, subject);
  }

  get isSharing(): boolean {
    return this.#settings.throttles?.some(({ shared }) => shared === true) === true;
  }

  tell(): ShareNews {
    return this.#guard?.throttles.tick() ?? { node: "", wanted: {} };
  }

  hear(news: ShareNews): void {
    this.#guard?.throttles.hear(news);
  }

  forget(node: string): void {
    this.#guard?.throttles.forget(node);
  }
}

/** What a node asks and tells: throttles first, then breakers. */
class LimitsGuard implements Guard {
  readonly host: LimitsHost;
  readonly breakers: Breakers;
  readonly throttles: Throttles;
  readonly #refused = new Map<
    string,
    { readonly check: RefusalCheck; readonly beyond: Refusal["beyond"]; messages: number }
  >();

  constructor(host: LimitsHost, settings: LimitsSettings, { shares, onCircuit }: LimitsOptions) {
    const { node, clock, random, log } = host;
    const logChange: CircuitListener = ({ place, group, state, cause, probeInMs }) => {
      if (state === "open") log.warn("circuit opened", { place, group, cause, probeInMs: Math.round(probeInMs) });
      else log.info("circuit closed", { place, group });
    };
    this.host = host;
    this.breakers = new Breakers({ clock, random, rules: settings.breakers ?? [], onChange: onCircuit ?? logChange });
    this.throttles = new Throttles({
      node,
      clock,
      rules: settings.throttles ?? [],
      shares: { ...SHARE_DEFAULTS, ...shares },
    });
  }

  refusal(port: Port, head: Head, envelope: Envelope | undefined): Refusal | undefined {
    const throttle = this.throttles.refusal(port, head, envelope);
    // Nobody answers a broadcast, so it says nothing of a place, and a failing place costs its sender nothing.
    return throttle ?? (head.mode === "broadcast" ? undefined : this.breakers.refusal(port, head));
  }

  took(port: Port, envelope: Envelope): readonly Throttle[] | undefined {
    if (envelope.kind !== Kind.broadcast) this.breakers.took(port, envelope);
    return this.throttles.took(port, envelope);
  }

  ended(port: Port, envelope: Envelope, error: OrreryError | undefined, held: unknown): void {
    if (held !== undefined) this.throttles.ended(held as readonly Throttle[]);
    if (envelope.kind !== Kind.broadcast) this.breakers.ended(port, envelope, error);
  }

  refused(refusal: Refusal): void {
    const { check, beyond } = refusal;
    const key = `${check} ${beyond}`;
    const count = this.#refused.get(key) ?? { check, beyond, messages: 0 };
    this.#refused.set(key, count);
    count.messages++;
    this.throttles.refused(refusal);
  }

  refusals(): readonly RefusalCount[] {
    return [...this.#refused.values()].map((count) => ({ ...count }));
  }
}

/** Checks all before any of it counts. */
function checked(settings: LimitsSettings): LimitsSettings {
  const { horizons, breakers = [], throttles = [] } = settings;
  createHorizonRules(horizons);
  assertCount("breakers", breakers.length);
  for (const rule of breakers) completeBreaker(rule);
  assertThrottles(throttles);
  return Object.freeze(settings);
}
