import type { Digest } from "../lease/terms.ts";
import { NOTICES_AT_ONCE } from "./limits.ts";
import type { ProviderParts } from "./provider-parts.ts";
import type { Tenant } from "./tenants.ts";

/** Gives notice for the leases of a provider that is being drained. */
export interface Notices {
  /** Gives it for each lease that runs and has none. A round that is under way is waited for; what fails is for the next. */
  give(): Promise<void>;
  /** Why a lease has no notice yet, where the last try failed. */
  faultOf(lease: Digest): string | undefined;
}

/**
 * Makes one.
 *
 * I1. Whether a lease has notice is what the chain says: nothing is kept of it, so that a restart neither forgets one nor gives another.
 * I2. Of an unknown chain nothing follows; it is looked at again.
 *
 * @param isWanted whether notice is to be given still
 */
export function createNotices(
  { options, tenants }: Pick<ProviderParts, "options" | "tenants">,
  isWanted: () => boolean,
): Notices {
  const faults = new Map<Digest, string>();
  let round: Promise<void> | undefined;
  const give = async ({ lease, keeper }: Tenant) => {
    if (!isWanted()) return;
    const sent = await keeper?.close();
    if (sent === undefined) return;
    if (sent.kind === "mined") faults.delete(lease);
    else faults.set(lease, sent.message);
  };
  const giveAll = async () => {
    const kept = tenants.list().filter(({ keeper }) => keeper !== undefined);
    const reading = await options.chain.read({ leases: kept.map(({ lease }) => lease) }, "latest");
    faults.clear();
    if (reading.kind === "unknown") {
      for (const { lease } of kept) faults.set(lease, `the chain is unknown: ${reading.why}`); // I2
      return;
    }
    const due = kept.filter((_, at) => reading.state.leases[at]?.stage === "Active"); // I1
    for (let from = 0; from < due.length; from += NOTICES_AT_ONCE)
      await Promise.all(due.slice(from, from + NOTICES_AT_ONCE).map(give));
  };
  return {
    give: () => {
      round ??= giveAll().finally(() => {
        round = undefined;
      });
      return round;
    },
    faultOf: (lease) => faults.get(lease),
  };
}
