import { RESERVED, type Resource, UNITS, USED } from "../meter/prices.ts";
import { HOUR_S, type Quote } from "./quote.ts";

/** What one resource of a quote costs. */
export interface QuoteLine {
  readonly resource: Resource;
  /** What is held; of what is used, the most within an hour. */
  readonly amount: bigint;
  readonly unit: string;
  /** Billionths of a base unit for one unit; a second of it where it is held. */
  readonly price: bigint;
  readonly isHeld: boolean;
  /** Billionths of a base unit for an hour of all of it; of what is used, at most. */
  readonly perHour: bigint;
}

/** A quote resource by resource, without those that a pod does not ask for. */
export function quoteLines({ prices, reserved, usedAtMost }: Quote): readonly QuoteLine[] {
  const line = (resource: Resource, amount: bigint | undefined, isHeld: boolean): readonly QuoteLine[] => {
    if (amount === undefined || amount === 0n) return [];
    const price = prices[resource] ?? 0n;
    const perHour = amount * price * (isHeld ? BigInt(HOUR_S) : 1n);
    return [{ resource, amount, unit: UNITS[resource], price, isHeld, perHour }];
  };
  return [
    ...RESERVED.flatMap((resource) => line(resource, reserved[resource], true)),
    ...USED.flatMap((resource) => line(resource, usedAtMost[resource], false)),
  ];
}
