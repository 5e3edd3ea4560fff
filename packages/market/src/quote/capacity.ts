import { OrreryError } from "@orrery/core";
import { type Amounts, RESERVED } from "../meter/prices.ts";

/**
 * What a provider has, and what of it is held. I1: of nothing more is held than there is. I2: what one holds is given back once.
 */
export interface Capacity {
  /** What nobody holds. */
  free(): Amounts;
  /**
   * Holds for a name, which holds nothing yet, all or nothing.
   * @throws OrreryError `resource_exhausted` with what is short, and how much of it is asked for and free; `already_exists` for a name that holds
   */
  hold(name: string, wanted: Amounts): void;
  /** Gives back what a name holds; one that holds nothing changes nothing. */
  release(name: string): void;
}

/** Makes one of which nothing is held. */
export function createCapacity(total: Amounts): Capacity {
  const held = new Map<string, Amounts>();
  const freeOf = (resource: (typeof RESERVED)[number]) =>
    [...held.values()].reduce((left, one) => left - (one[resource] ?? 0n), total[resource] ?? 0n);
  return {
    free: () => Object.fromEntries(RESERVED.map((resource) => [resource, freeOf(resource)])),
    hold: (name, wanted) => {
      if (held.has(name)) throw new OrreryError("already_exists", `Cannot hold capacity for "${name}": it holds some`);
      assertFits(wanted, Object.fromEntries(RESERVED.map((resource) => [resource, freeOf(resource)])));
      held.set(name, wanted); // I1
    },
    release: (name) => void held.delete(name), // I2
  };
}

/** @throws OrreryError `resource_exhausted` with what is short, and how much of it is asked for and free */
export function assertFits(wanted: Amounts, free: Amounts): void {
  const short = RESERVED.filter((resource) => (wanted[resource] ?? 0n) > (free[resource] ?? 0n));
  if (short.length === 0) return;
  const why = short.map((resource) => `${resource} (${wanted[resource]} asked for, ${free[resource] ?? 0n} free)`);
  const details = { short: [...short] };
  throw new OrreryError("resource_exhausted", `Cannot run the pod: insufficient capacity: ${why.join(", ")}`, {
    details,
  });
}
