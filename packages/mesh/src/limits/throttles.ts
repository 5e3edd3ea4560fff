import type { Clock, ShareNews } from "@orrery/core";
import {
  type Envelope,
  type Head,
  namePattern,
  type Port,
  type Refusal,
  reachOf,
  scopeThrough,
} from "@orrery/core/internal";
import { FlowShares, type ShareSettings } from "./flow-shares.ts";
import { MATCHES_MAX } from "./limits.ts";
import { assertThrottles, type ThrottleRule } from "./rules.ts";
import { Throttle, type ThrottleView } from "./throttle.ts";

/** Options of throttles. */
export interface ThrottlesOptions {
  readonly node: string;
  readonly clock: Pick<Clock, "monotonic">;
  readonly rules: readonly ThrottleRule[];
  readonly shares: ShareSettings;
}

/**
 * The throttles of one node. Owns: their buckets, and what counts against their concurrency.
 * I1: what was counted when a message went is counted back when it ends, whatever has changed meanwhile. I2: without rules, asking is one
 * look at a length.
 */
export class Throttles {
  readonly #now: () => number;
  readonly #byName = new Map<string, Throttle>();
  readonly #shares: FlowShares;
  readonly #node: string;
  #all: readonly Throttle[] = NONE;
  #matches = new Map<string, Matching>();
  #lastHead: Head | undefined;
  #lastFlow = "";
  #lastMatch: Matching = { all: NONE, counting: NONE };
  #measuredMs: number;

  /** @throws OrreryError `invalid_argument` for a rule that cannot be. */
  constructor({ node, clock, rules, shares }: ThrottlesOptions) {
    this.#now = () => clock.monotonic();
    this.#node = node;
    this.#shares = new FlowShares(node, shares);
    this.#measuredMs = this.#now();
    this.change(rules);
  }

  /** Puts other rules in the place of all; one of the same name goes on with what it has. @throws OrreryError `invalid_argument`. */
  change(rules: readonly ThrottleRule[]): void {
    assertThrottles(rules);
    const names = new Set(rules.map(({ name }) => name));
    for (const name of this.#byName.keys()) if (!names.has(name)) this.#byName.delete(name);
    this.#all = rules.map((rule) => {
      const known = this.#byName.get(rule.name);
      const throttle = known ?? new Throttle(rule, this.#now);
      if (known === undefined && rule.shared === true) throttle.share(0);
      else throttle.change(rule);
      this.#byName.set(rule.name, throttle);
      return throttle;
    });
    this.#matches = new Map();
    this.#lastHead = undefined;
  }

  refusal(port: Port, head: Head, envelope: Envelope | undefined): Refusal | undefined {
    if (this.#all.length === 0) return undefined; // I2
    const counting = this.#matching(head, envelope?.flow?.name ?? "").counting[reachOf(scopeThrough(port))] ?? NONE;
    if (counting.length === 0) return undefined;
    const nowMs = this.#timeOf(envelope);
    for (let index = 0; index < counting.length; index++) {
      const throttle = counting[index] as Throttle;
      if (!throttle.allows(nowMs)) return throttle;
    }
    return undefined;
  }

  /** Gives what counts the message, to be given back when it ends. */
  took(port: Port, envelope: Envelope): readonly Throttle[] | undefined {
    if (this.#all.length === 0 || envelope.head === undefined) return undefined;
    const { all, counting: byReach } = this.#matching(envelope.head, envelope.flow?.name ?? "");
    if (all.length === 0) return undefined;
    const nowMs = this.#timeOf(envelope);
    const counting = byReach[reachOf(scopeThrough(port))] ?? NONE;
    for (const throttle of counting) throttle.took(nowMs);
    if (counting.length === all.length) return counting;
    for (const throttle of all)
      if (throttle.beyond === "local" && !counting.includes(throttle) && !throttle.allows(nowMs)) throttle.refuse();
    return counting;
  }

  ended(counting: readonly Throttle[]): void {
    for (const throttle of counting) throttle.underWay--; // I1
  }

  /** A message went nowhere because of one of these. */
  refused(refusal: Refusal): void {
    if (refusal instanceof Throttle) refusal.refuse();
  }

  /** Measures demand, sets the parts of shared rates, and gives what others are to be told of it. To be called a few times a second. */
  tick(): ShareNews {
    const nowMs = this.#now();
    const passedMs = nowMs - this.#measuredMs;
    const wanted: Record<string, number> = {};
    for (const throttle of this.#all) {
      if (throttle.rule.shared !== true) continue;
      if (passedMs > 0) throttle.measure(passedMs);
      const { name, perSecond = 0 } = throttle.rule;
      wanted[name] = throttle.wanted;
      throttle.share(this.#shares.part(name, throttle.wanted, nowMs, perSecond));
    }
    this.#measuredMs = nowMs;
    return { node: this.#node, wanted };
  }

  /** Takes what another node told. */
  hear(news: ShareNews): void {
    this.#shares.hear(news, this.#now());
  }

  /** Another node has left in good order. */
  forget(node: string): void {
    this.#shares.forget(node);
  }

  views(): readonly ThrottleView[] {
    return this.#all.map((throttle) => throttle.view());
  }

  /** When a message began: its envelope has it, a moment ago, which spares a look at the clock. */
  #timeOf(envelope: Envelope | undefined): number {
    if (envelope === undefined || envelope.budgetMs <= 0 || envelope.deadlineMs <= envelope.budgetMs)
      return this.#now();
    return envelope.deadlineMs - envelope.budgetMs;
  }

  #matching(head: Head, flow: string): Matching {
    if (head === this.#lastHead && flow === this.#lastFlow) return this.#lastMatch;
    const key = `${head.component}.${head.method} ${flow}`;
    let matching = this.#matches.get(key);
    if (matching === undefined) {
      const all = this.#all.filter(({ rule }) => fitsRule(rule, head, flow));
      matching = { all, counting: REACHES.map((reach) => all.filter((throttle) => throttle.counts(reach))) };
      if (this.#matches.size >= MATCHES_MAX) this.#matches.clear();
      this.#matches.set(key, matching);
    }
    this.#lastHead = head;
    this.#lastFlow = flow;
    this.#lastMatch = matching;
    return matching;
  }
}

/** The throttles that fit a message: all, and those that count it by how far it goes. */
interface Matching {
  readonly all: readonly Throttle[];
  readonly counting: readonly (readonly Throttle[])[];
}

const REACHES = [0, 1, 2, 3] as const;
const NONE: readonly never[] = Object.freeze([]);

function fitsRule({ flow = "*", component = "*", method = "*" }: ThrottleRule, head: Head, name: string): boolean {
  return fits(flow, name) && fits(component, head.component) && fits(method, head.method);
}

function fits(pattern: string, name: string): boolean {
  return pattern === "*" || namePattern(pattern)(name);
}
