import { type HorizonScope, OrreryError } from "@orrery/core";

/** What one component's size follows. All times in ms. */
export interface ElasticRules {
  /** Instances that run at least. Default: 1. */
  readonly min: number;
  /** Instances that run at most, wherever they are; as many as `min` means that nothing is ever done. Default: 8. */
  readonly max: number;
  /** Wait of the first in a queue above which there are too few, while nobody is free. Default: 200. */
  readonly waitMs: number;
  /** Looks in a row that must find it so. Default: 1. */
  readonly checks: number;
  /**
   * How far ahead a queue is looked at that grew at each of the last `slopeChecks` looks: when its wait would be above `waitMs` by then, there
   * are too few now. Default: 0, which never looks ahead.
   */
  readonly aheadMs: number;
  /** Default: 3. */
  readonly slopeChecks: number;
  /** How long instances must have been idle before they go. Default: 30,000. */
  readonly idleMs: number;
  /** Time in which the size changes its direction once at most. Default: 10,000. */
  readonly coolDownMs: number;
  /** Instances that one decision adds or takes away at most. Default: 4. */
  readonly step: number;
  /** Idle instances that are kept warm beside those that work. Default: 0. */
  readonly spares: number;
  /** How far instances may be from here. Default: network. */
  readonly scope: HorizonScope;
}

/** What a component follows where nobody says otherwise. */
export const ELASTIC_DEFAULTS: ElasticRules = {
  min: 1,
  max: 8,
  waitMs: 200,
  checks: 1,
  aheadMs: 0,
  slopeChecks: 3,
  idleMs: 30_000,
  coolDownMs: 10_000,
  step: 4,
  spares: 0,
  scope: "network",
};

/** Scopes from the nearest to the farthest. */
export const SCOPES: readonly HorizonScope[] = ["process", "host", "network", "any"];

/** Least and largest value of each number. */
export const ELASTIC_BOUNDS: Readonly<Record<Exclude<keyof ElasticRules, "scope">, readonly [number, number]>> = {
  min: [0, 100_000],
  max: [0, 100_000],
  waitMs: [1, 3_600_000],
  checks: [1, 1000],
  aheadMs: [0, 3_600_000],
  slopeChecks: [2, 1000],
  idleMs: [1, 86_400_000],
  coolDownMs: [0, 86_400_000],
  step: [1, 1000],
  spares: [0, 1000],
};

/** Checks what is said of a component and fills in the rest. @throws OrreryError `invalid_argument` naming what cannot be. */
export function completeElasticRules(component: string, said: Partial<ElasticRules>): ElasticRules {
  const rules = { ...ELASTIC_DEFAULTS, ...said };
  for (const [name, value] of Object.entries(rules)) {
    if (!Object.hasOwn(ELASTIC_DEFAULTS, name))
      throw unfit(component, `there is no rule "${name}", write ${Object.keys(ELASTIC_DEFAULTS).join(", ")}`);
    if (name === "scope") continue;
    const [least, most] = ELASTIC_BOUNDS[name as keyof typeof ELASTIC_BOUNDS];
    if (!Number.isFinite(value) || (value as number) < least || (value as number) > most)
      throw unfit(component, `${name} is ${value}, write a number from ${least} to ${most}`);
  }
  for (const name of ["min", "max", "checks", "slopeChecks", "step", "spares"] as const)
    if (!Number.isInteger(rules[name])) throw unfit(component, `${name} is ${rules[name]}, write a whole number`);
  if (!SCOPES.includes(rules.scope))
    throw unfit(component, `there is no scope "${rules.scope}", write ${SCOPES.join(", ")}`);
  if (rules.min > rules.max) throw unfit(component, `min ${rules.min} is above max ${rules.max}`);
  return rules;
}

function unfit(component: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot size component "${component}": ${why}`);
}
