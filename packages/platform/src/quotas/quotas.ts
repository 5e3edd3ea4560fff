import type { Clock, Component, Log } from "@orrery/core";
import type { Database } from "@orrery/registry";
import { noteRefusals } from "./note-refusals.ts";
import { createRefusals, type Refusals } from "./refusals.ts";
import { createSpaceRates, type SpaceRates } from "./space-rates.ts";
import { openRefusalRecords } from "./sql-refusals.ts";

/** Options of `openQuotas`. */
export interface QuotasOptions {
  /** The registry's. */
  readonly database: Database;
  /** Says when something was refused, and counts rates. */
  readonly clock: Clock;
  /** Is told what could not be written. */
  readonly log: Log;
}

/** What holds Spaces to their plans, and remembers what that refused. */
export interface Quotas extends AsyncDisposable {
  readonly rates: SpaceRates;
  readonly refusals: Refusals;
  /** Has what plans refuse of what a component is asked remembered. */
  noted(component: Component): Component;
}

/** Opens it, in the database of a registry. */
export async function openQuotas({ database, clock, log }: QuotasOptions): Promise<Quotas> {
  const refusals = createRefusals({ records: await openRefusalRecords(database), clock, log });
  return {
    rates: createSpaceRates({ now: () => clock.monotonic() }),
    refusals,
    noted: (component) => noteRefusals(component, refusals),
    [Symbol.asyncDispose]: () => refusals[Symbol.asyncDispose](),
  };
}
