import { RESERVED, type Resource, UNITS, USED } from "../meter/prices.ts";
import type { Quote } from "./quote.ts";

/** What one resource of a quote costs. */
export interface QuoteLine {
  readonly resource: Resource;
  /** What is held; of what is used, the most within an hour. */
  readonly amount: bigint;
  readonly unit: string;
  /** Billionths of a base unit for one unit; a second of it where it is held. */
  readonly price: bigint;
  readonly isHeld: boolean;
}

/** A quote resource by resource, without those that a pod does not ask for. */
export function quoteLines({ prices, reserved, usedAtMost }: Quote): readonly QuoteLine[] {
  const line = (resource: Resource, amount: bigint | undefined, isHeld: boolean): readonly QuoteLine[] =>
    amount === undefined || amount === 0n
      ? []
      : [{ resource, amount, unit: UNITS[resource], price: prices[resource] ?? 0n, isHeld }];
  return [
    ...RESERVED.flatMap((resource) => line(resource, reserved[resource], true)),
    ...USED.flatMap((resource) => line(resource, usedAtMost[resource], false)),
  ];
}
