import { OrreryError } from "@orrery/core";
import type { Reading } from "../chain/lease-chain.ts";
import type { LeaseState } from "../lease/lease-state.ts";
import type { Account } from "../lease/terms.ts";
import { START_REST_MS, START_TRIES_MAX } from "./limits.ts";
import type { ProviderParts } from "./provider-parts.ts";
import type { Tenant } from "./tenants.ts";

/** Whether the chain says that a lease began; `unknown` where it may yet come to be so. */
export type Started = "started" | "unknown";

/**
 * Has the chain say that a lease began with a pod's session. What is not known is looked at again, some times.
 * @throws OrreryError where it did not begin, and will not by what was sent
 */
export async function startLease(parts: ProviderParts, tenant: Tenant): Promise<Started> {
  const { chain, clock } = parts.options;
  const { terms } = tenant.quote;
  const session = tenant.session.beatKey.address.toLowerCase() as Account;
  let isSent = false;
  let last = "";
  for (let tries = 0; tries < START_TRIES_MAX; tries++) {
    if (tries > 0) await clock.sleep(START_REST_MS);
    const reading = await chain.read({ leases: [tenant.lease] }, "latest");
    if (reading.kind === "unknown") {
      last = reading.why;
      continue;
    }
    const lease = reading.state.leases[0];
    if (isStartedBy(lease, session)) return "started";
    if (lease?.stage !== "Open") throw notStarted(`it is ${lease?.stage ?? "not known"}`);
    const sent = await chain.send({ kind: "start", terms, session });
    if (sent.kind === "mined") return "started";
    if (sent.kind === "refused") throw notStarted(sent.message);
    isSent ||= sent.kind === "unknown";
    last = sent.message;
  }
  if (isSent) return "unknown";
  throw new OrreryError(
    "unavailable",
    `Cannot start the lease: the chain is not reached (${last}); try again, or cancel it`,
  );
}

/** Whether a lease began with this session. */
export function isStartedBy(lease: LeaseState | undefined, session: Account): boolean {
  return lease !== undefined && lease.startedAt > 0 && lease.session.toLowerCase() === session.toLowerCase();
}

/** The lease of a reading. @throws OrreryError `unavailable` where nothing is known */
export function knownLease(reading: Reading, doing: string): LeaseState {
  const lease = reading.kind === "known" ? reading.state.leases[0] : undefined;
  if (lease !== undefined) return lease;
  const why = reading.kind === "unknown" ? reading.why : "it did not answer";
  throw new OrreryError("unavailable", `Cannot ${doing}: the chain is unknown (${why}); try again`);
}

function notStarted(why: string): OrreryError {
  return new OrreryError("failed_precondition", `Cannot start the lease: ${why}`);
}
