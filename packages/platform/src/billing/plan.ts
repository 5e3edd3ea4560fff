import type { CageLimits } from "@orrery/mesh/supervise";
import type { SpacePlan } from "@orrery/registry";

/** What of a space costs something beside its price: people who work in it, and services that run in it. */
export const EXTRAS = ["seats", "services"] as const;

/** One of them. */
export type Extra = (typeof EXTRAS)[number];

/** What one kind of extras costs. */
export interface ExtraPrice {
  /** How many the price of the plan pays for. */
  readonly included: number;
  /** What each further one costs for a whole month, in the smallest unit of the currency. */
  readonly price: number;
}

/** What each process of a Space's apps may use. */
export type PlanLimits = Omit<CageLimits, "of">;

/** What a whole Space may have. What is left out is not bounded. */
export type PlanQuotas = Omit<SpacePlan, "name">;

/** What a space costs, and how long it is kept unpaid. Data: an operator may have others. */
export interface Plan {
  /** One word. */
  readonly name: string;
  /** What people read. */
  readonly title: string;
  /** ISO 4217, in small letters. */
  readonly currency: string;
  /** For a month, paid before it begins; in the smallest unit of the currency, such as cents. */
  readonly price: number;
  readonly extras: Readonly<Record<Extra, ExtraPrice>>;
  /** What each process of its apps may use. Default: `PLAN_LIMITS`. */
  readonly limits?: PlanLimits;
  /** What all of it together may have. Default: as much as it takes. */
  readonly quotas?: PlanQuotas;
  /** How long a space is served from an invoice on that is not paid, in ms; less than 28 days, so that only one is open. */
  readonly graceMs: number;
  /** How long the content of a space is kept from then on, or from its end on, in ms. */
  readonly keepMs: number;
}

/** What a plan lets each process use that says nothing else. */
export const PLAN_LIMITS: PlanLimits = {
  memoryBytes: 256 * 1024 * 1024,
  processors: 1,
  threadsMax: 64,
  scratchBytes: 64 * 1024 * 1024,
};

/** The limits of a plan, by its name for who meets one. */
export function limitsOfPlan({ name, limits = PLAN_LIMITS }: Pick<Plan, "name" | "limits">): CageLimits {
  return { ...limits, of: `plan ${name}` };
}

/** What a plan lets a Space have, as the Space says it; undefined where it bounds nothing. */
export function spacePlan({ name, quotas }: Pick<Plan, "name" | "quotas">): SpacePlan | undefined {
  return quotas && { name, ...quotas };
}

/** A day in ms. */
export const DAY_MS = 86_400_000;

/** The plan that everybody may have who pays. */
export const DEVELOPER_PLAN: Plan = {
  name: "developer",
  title: "Developer",
  currency: "usd",
  price: 3_500,
  extras: { seats: { included: 1, price: 3_500 }, services: { included: 10, price: 500 } },
  graceMs: 7 * DAY_MS,
  keepMs: 30 * DAY_MS,
};
