import { EXTRAS, type Extra, type Plan } from "./plan.ts";

/** How many of an extra there are, and how long there were more than the plan pays for. */
export interface ExtraCount {
  readonly now: number;
  /** Up to when it is counted, in ms since 1970. */
  readonly at: number;
  /** Each one beyond what is included times how long it was there, in ms, since the month began. */
  readonly beyondMs: number;
}

/** The counts of a space. */
export type ExtraCounts = Readonly<Record<Extra, ExtraCount>>;

/** Counts up to a moment; what lies behind it already is left as it is. */
export function countUntil(counts: ExtraCounts, plan: Plan, at: number): ExtraCounts {
  return mapExtras((extra) => {
    const { now, at: from, beyondMs } = counts[extra];
    if (at <= from) return counts[extra];
    return { now, at, beyondMs: beyondMs + Math.max(0, now - plan.extras[extra].included) * (at - from) };
  });
}

/** Begins to count anew at a moment. */
export function countFrom(counts: ExtraCounts, at: number): ExtraCounts {
  return mapExtras((extra) => ({ now: counts[extra].now, at, beyondMs: 0 }));
}

/** Goes on counting at a moment, without the time up to it. */
export function countOn(counts: ExtraCounts, at: number): ExtraCounts {
  return mapExtras((extra) => ({ ...counts[extra], at }));
}

/** Makes a record of all extras. */
export function mapExtras<T>(make: (extra: Extra) => T): Readonly<Record<Extra, T>> {
  return Object.fromEntries(EXTRAS.map((extra) => [extra, make(extra)])) as Record<Extra, T>;
}

/** The part of a price that a part of a month costs, rounded to the nearest unit, halves up; exact for any size. */
export function shareOf(price: number, partMs: number, wholeMs: number): number {
  const [part, whole] = [BigInt(price) * BigInt(partMs), BigInt(wholeMs)];
  return Number((part * 2n + whole) / (whole * 2n));
}
