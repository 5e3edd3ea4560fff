import { type HorizonScope, OrreryError } from "@orrery/core";
import { BREAKER_DEFAULTS, type BreakerSettings } from "./breaker.ts";
import { RULE_TIME_MAX_MS, RULES_MAX } from "./limits.ts";

/** Breakers of some methods. Of several rules that fit, the first counts. */
export interface BreakerRule extends Partial<BreakerSettings> {
  /** Components that it is for; `*` stands for any characters. Default: all. */
  readonly component?: string;
  /** Methods that it is for, in the same way. Default: all. */
  readonly method?: string;
  /** Whether each method has a breaker of its own, or all that fit share one for each place. Default: false. */
  readonly byMethod?: boolean;
  /** Most of the places in use that may be open at once, from 0 to 1; one always may, unless it is 0. Default: 0.5. */
  readonly openShare?: number;
  /** No breaker at all. Default: false. */
  readonly off?: boolean;
}

/** A limit on the messages of some flows. Every rule that fits counts. */
export interface ThrottleRule {
  /** Names it, among all. */
  readonly name: string;
  /** Names of flows that it is for; `*` stands for any characters, and alone also for messages of no named flow. Default: `*`. */
  readonly flow?: string;
  /** Components that it is for, in the same way. Default: all. */
  readonly component?: string;
  /** Methods that it is for, in the same way. Default: all. */
  readonly method?: string;
  /** Only messages that go beyond this count: that leave the process, the host, the network. Default: every message. */
  readonly beyond?: Exclude<HorizonScope, "any">;
  /** Messages a second, above 0. Default: no limit. */
  readonly perSecond?: number;
  /** Messages that may go at once after a rest, from 1. Default: those of one second. */
  readonly burst?: number;
  /** Messages that may be under way at once, from 1. Default: no limit. */
  readonly concurrency?: number;
  /** Whether the rate is that of all nodes together. Default: of each node. */
  readonly shared?: boolean;
  /** What becomes of what is too much: sent back, let go, or sent to a place that the rule does not count. Default: bounce. */
  readonly overflow?: "bounce" | "drop" | "local";
}

/** The rule of a breaker with nothing left open. */
export interface CompleteBreakerRule extends Required<BreakerRule> {}

/** Completes a rule. @throws OrreryError `invalid_argument` for a value that cannot be. */
export function completeBreaker(rule: BreakerRule): CompleteBreakerRule {
  const whole = {
    component: "*",
    method: "*",
    byMethod: false,
    openShare: 0.5,
    off: false,
    ...BREAKER_DEFAULTS,
    ...rule,
  };
  const where = `breaker of "${whole.component}.${whole.method}"`;
  assertIn(where, whole, { from: 0, to: 1_000_000, names: ["failuresInRow"], whole: true });
  assertIn(where, whole, { from: 1, to: 1_000_000, names: ["callsMin", "probes"], whole: true });
  assertIn(where, whole, { from: Number.MIN_VALUE, to: 1, names: ["failureShare", "slowShare"] });
  assertIn(where, whole, { from: 0, to: 1, names: ["openShare"] });
  assertIn(where, whole, { from: 0, to: 10, names: ["jitter"] });
  assertIn(where, whole, { from: 0, to: RULE_TIME_MAX_MS, names: ["slowMs"] });
  assertIn(where, whole, {
    from: 1,
    to: RULE_TIME_MAX_MS,
    names: ["windowMs", "coolDownMs", "coolDownMaxMs", "probeMs"],
  });
  return Object.freeze(whole);
}

/** Refuses throttles that cannot be. @throws OrreryError `invalid_argument`. */
export function assertThrottles(rules: readonly ThrottleRule[]): void {
  assertCount("throttles", rules.length);
  const names = new Set<string>();
  for (const rule of rules) {
    const where = `throttle "${rule.name}"`;
    if (names.has(rule.name)) throw refused(where, "another has its name, write one that is its own");
    names.add(rule.name);
    if (rule.perSecond === undefined && rule.concurrency === undefined)
      throw refused(where, "it limits nothing, write perSecond or concurrency");
    if (rule.perSecond !== undefined) assertIn(where, rule, { from: Number.MIN_VALUE, to: 1e9, names: ["perSecond"] });
    if (rule.burst !== undefined) assertIn(where, rule, { from: 1, to: 1e9, names: ["burst"] });
    if (rule.concurrency !== undefined)
      assertIn(where, rule, { from: 1, to: 1e9, names: ["concurrency"], whole: true });
    if (rule.shared === true && rule.perSecond === undefined)
      throw refused(where, "only a rate can be shared, write perSecond");
    if (rule.overflow === "local" && rule.beyond === undefined)
      throw refused(
        where,
        'its overflow is "local" and every message counts, write beyond: "process", "host" or "network"',
      );
  }
}

/** Refuses more rules than are looked through. @throws OrreryError `invalid_argument`. */
export function assertCount(what: string, count: number): void {
  if (count > RULES_MAX) throw refused(what, `there are ${count}, write at most ${RULES_MAX}`);
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly names: readonly string[];
  readonly whole?: boolean;
}

function assertIn(where: string, rule: object, { from, to, names, whole = false }: Range): void {
  for (const name of names) {
    const value = (rule as Readonly<Record<string, unknown>>)[name];
    if (typeof value === "number" && value >= from && value <= to && (!whole || Number.isInteger(value))) continue;
    const least = from === Number.MIN_VALUE ? "above 0," : `from ${from}`;
    throw refused(where, `${name} is ${String(value)}, write a ${whole ? "whole " : ""}number ${least} to ${to}`);
  }
}

function refused(where: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot set ${where}: ${why}`);
}
