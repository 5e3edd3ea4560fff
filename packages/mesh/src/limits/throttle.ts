import { type Refusal, reachOf } from "@orrery/core/internal";
import { Bucket } from "./bucket.ts";
import type { ThrottleRule } from "./rules.ts";

/** One throttle, for those who look from outside. */
export interface ThrottleView {
  readonly rule: ThrottleRule;
  /** Messages that it let through, and that it kept back, since the node began. */
  readonly passed: number;
  readonly refused: number;
  /** Messages that count against its concurrency now. */
  readonly underWay: number;
  /** Messages a second that this node may send: its part of the rate, where it is shared. */
  readonly perSecond: number | undefined;
  /** Messages a second that were asked for lately. */
  readonly wanted: number;
}

/** A rule at work in one node. It knows no clock: times are handed in. It is the reason of its own refusals. */
export class Throttle implements Refusal {
  readonly check = "throttle" as const;
  rule: ThrottleRule;
  passed = 0;
  refused = 0;
  underWay = 0;
  /** Messages that were asked for since demand was measured last. */
  asked = 0;
  /** Messages a second that are wanted, smoothed. */
  wanted = 0;
  #part = 1;
  #bucket: Bucket | undefined;
  readonly #now: () => number;

  constructor(rule: ThrottleRule, now: () => number) {
    this.rule = rule;
    this.#now = now;
    this.change(rule);
  }

  get beyond(): "bounce" | "drop" | "local" {
    return this.rule.overflow ?? "bounce";
  }

  /** Whether a message counts that goes so far. */
  counts(reach: number): boolean {
    const { beyond } = this.rule;
    return beyond === undefined || reach > reachOf(beyond);
  }

  /** Whether one more may pass now. Changes nothing. */
  allows(nowMs: number): boolean {
    const { concurrency } = this.rule;
    if (concurrency !== undefined && this.underWay >= concurrency) return false;
    return this.#bucket === undefined || this.#bucket.has(nowMs);
  }

  /** One that counts passes. */
  took(nowMs: number): void {
    this.#bucket?.take(nowMs);
    this.passed++;
    this.asked++;
    this.underWay++;
  }

  /** One that counts is sent back, let go, or sent nearer. */
  refuse(): void {
    this.refused++;
    this.asked++;
  }

  /** Changes rate, burst and all else from now on; what is under way stays counted. */
  change(rule: ThrottleRule): void {
    this.rule = rule;
    const settings = this.#settings;
    const nowMs = this.#now();
    if (settings === undefined) this.#bucket = undefined;
    else if (this.#bucket === undefined) this.#bucket = new Bucket(settings, nowMs);
    else this.#bucket.change(settings, nowMs);
  }

  /** Sets the part of a shared rate that is this node's, from 0 to 1. */
  share(part: number): void {
    if (part === this.#part) return;
    this.#part = part;
    this.change(this.rule);
  }

  /** Measures demand over the time since it was measured last. */
  measure(passedMs: number): void {
    const perSecond = (this.asked * 1000) / passedMs;
    this.asked = 0;
    this.wanted += (perSecond - this.wanted) * DEMAND_WEIGHT;
    if (this.wanted < DEMAND_LEAST) this.wanted = 0;
  }

  why(): string {
    const { name, concurrency, perSecond, shared } = this.rule;
    if (concurrency !== undefined && this.underWay >= concurrency)
      return `is closed by throttle "${name}", ${this.underWay} messages are under way of ${concurrency}`;
    const of = shared === true ? `its part of ${perSecond}` : `${perSecond}`;
    const waitMs = this.#bucket?.waitMs(this.#now()) ?? 0;
    const again = Number.isFinite(waitMs) ? `, the next may go in ${Math.ceil(waitMs)} ms` : "";
    return `is closed by throttle "${name}", ${of} a second are used${again}`;
  }

  view(): ThrottleView {
    const { rule, passed, refused, underWay, wanted } = this;
    return { rule, passed, refused, underWay, wanted, perSecond: this.#settings?.perSecond };
  }

  get #settings(): { readonly perSecond: number; readonly burst: number } | undefined {
    const { perSecond, burst = Math.max(1, perSecond ?? 0), shared } = this.rule;
    if (perSecond === undefined) return undefined;
    if (shared !== true) return { perSecond, burst };
    return { perSecond: perSecond * this.#part, burst: this.#part === 0 ? 0 : Math.max(1, burst * this.#part) };
  }
}

/** What a new measure of demand counts, against all before. */
const DEMAND_WEIGHT = 0.5;
/** Messages a second that are taken for none. */
const DEMAND_LEAST = 0.01;
