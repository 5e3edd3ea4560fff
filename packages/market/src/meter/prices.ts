import { OrreryError } from "@orrery/core";
import { RATE_SCALE } from "../lease/dues.ts";

/**
 * What pods are priced by. The first kind is reserved: so much is held for the pod while it runs, or for storage and ip while the lease lasts, and a
 * second of it costs its price. The second is used: each unit costs its price once.
 */
export const RESERVED = ["cpu", "memory", "storage", "ip", "gpu"] as const;

/** Resources of which each unit that is used costs its price once. */
export const USED = ["egress", "ingress"] as const;

/** A resource that pods are priced by. */
export type Resource = (typeof RESERVED)[number] | (typeof USED)[number];

/** What one unit of each resource is. */
export const UNITS: Readonly<Record<Resource, string>> = {
  cpu: "thousandth of a core",
  memory: "MiB",
  storage: "MiB",
  ip: "public address",
  gpu: "device",
  egress: "KiB",
  ingress: "KiB",
};

/** How much of each resource, in whole units; what is left out is none. */
export type Amounts = Readonly<Partial<Record<Resource, bigint>>>;

/** Price of a unit of each resource, a second where it is reserved, in billionths of a base unit of the token. */
export type Prices = Readonly<Partial<Record<Resource, bigint>>>;

/** Bits of what a rate may be on the chain. */
const RATE_BITS = 64n;

/**
 * The rate of what is reserved: exactly the sum of price times amount, in billionths of a base unit a second.
 * @throws OrreryError `failed_precondition` for what has no price, `out_of_range` for what is dearer than a lease can be
 */
export function rateOf(prices: Prices, reserved: Amounts): bigint {
  const rate = sumOf(prices, reserved, RESERVED);
  if (rate >> RATE_BITS === 0n) return rate;
  throw new OrreryError(
    "out_of_range",
    `Cannot price ${rate} billionths a second: a lease takes less than 2^${RATE_BITS}`,
  );
}

/** What was used costs, in billionths of a base unit. @throws OrreryError `failed_precondition` for what has no price */
export function usageOf(prices: Prices, used: Amounts): bigint {
  return sumOf(prices, used, USED);
}

/**
 * Whole base units for billionths, rounded up. Totals are cumulative, so that it is done once to all that a lease ever cost: whoever pays never pays
 * a unit more than the exact sum.
 */
export function unitsOf(billionths: bigint): bigint {
  return (billionths + RATE_SCALE - 1n) / RATE_SCALE;
}

function sumOf(prices: Prices, amounts: Amounts, resources: readonly Resource[]): bigint {
  return resources.reduce((sum, resource) => {
    const amount = amounts[resource] ?? 0n;
    if (amount === 0n) return sum;
    const price = prices[resource];
    if (price !== undefined && amount > 0n) return sum + price * amount;
    const why = price === undefined ? "the provider has no price for it" : "an amount is 0 or more";
    throw new OrreryError("failed_precondition", `Cannot price ${resource} ${amount}: ${why}`);
  }, 0n);
}

/** Amounts of what is reserved, for people: `cpu 100 (thousandth of a core), memory 128 (MiB)`. */
export function printAmounts(amounts: Amounts): string {
  const some = RESERVED.filter((resource) => (amounts[resource] ?? 0n) > 0n);
  return some.map((resource) => `${resource} ${amounts[resource]} (${UNITS[resource]})`).join(", ") || "nothing";
}
