import type { Account } from "../lease/terms.ts";
import { readSealedPod } from "../pod/sealed-pod-json.ts";
import { readQuote } from "../quote/quote-json.ts";
import { begin } from "./deploy-pod.ts";
import { SETTLE_LOOK_MS } from "./limits.ts";
import { readPodRecord, readSealedSession } from "./pod-record.ts";
import { podSessionOf } from "./pod-session.ts";
import type { ProviderParts } from "./provider-parts.ts";
import { freeTenant, historyOf, isAtRest, keepLease, openWays, runTenant, sayFault, turn } from "./run-tenant.ts";
import { isStartedBy } from "./start-lease.ts";
import { podName, type Tenant } from "./tenants.ts";

/**
 * Finds the pods again that there were before a restart. What cannot be found again is told and left as it is: nothing is taken away for it.
 * @returns leases whose folder could not be read
 */
export async function recoverTenants(parts: ProviderParts): Promise<readonly string[]> {
  const { folders, log, runtime } = parts.options;
  const lost: string[] = [];
  for (const lease of await folders.list()) {
    try {
      const tenant = await readTenant(parts, lease);
      if (tenant === undefined) continue;
      await parts.oneAtATime(lease, () => recover(parts, tenant));
    } catch (error) {
      lost.push(lease);
      log.error("pod not recovered", { lease, error: (error as Error).message });
    }
  }
  const known = new Set(parts.tenants.list().map(({ lease }) => podName(lease)));
  for (const name of await runtime.names())
    if (!known.has(name)) log.warn("the runtime has a pod that nobody knows", { name });
  return lost;
}

async function readTenant(parts: ProviderParts, lease: `0x${string}`): Promise<Tenant | undefined> {
  const { folders, sealer } = parts.options;
  const record = await readPodRecord(folders, lease);
  const secret = await readSealedSession(folders, lease);
  if (record === undefined || secret === undefined) return undefined; // A fall came before the pod ran: the lease can be cancelled.
  return {
    ...{ lease, record, keeper: undefined, told: { egressBytes: 0, ingressBytes: 0 } },
    quote: readQuote(record.quote),
    sealed: readSealedPod(record.pod),
    session: podSessionOf(await sealer.open(secret)),
    history: await historyOf(parts, lease),
  };
}

async function recover(parts: ProviderParts, tenant: Tenant): Promise<void> {
  const { lease, quote, sealed, record } = tenant;
  const { log } = parts.options;
  parts.tenants.add(tenant);
  if (record.state !== "deleted") parts.capacity.hold(lease, quote.reserved);
  if (!isAtRest(record.state)) await runAgain(parts, tenant);
  else if (record.state !== "deleted") await openWays(parts, tenant, sealed); // Its hosts stay its own.
  if (record.isStarted)
    await keepLease(parts, tenant).catch((error: unknown) =>
      log.error("lease not kept yet", { lease, error: (error as Error).message }),
    );
  tenant.history.tell("recovered", "the provider started anew");
}

/** Runs a pod that ran before; what fails is tried again at each look. */
async function runAgain(parts: ProviderParts, tenant: Tenant): Promise<void> {
  const { state, isStarted } = tenant.record;
  try {
    await runTenant(parts, tenant);
    if (state === "failed") await turn(parts, tenant, { state: isStarted ? "running" : "deploying", why: "" });
  } catch (error) {
    parts.options.log.error("pod does not run", { lease: tenant.lease, error: (error as Error).message });
    await turn(parts, tenant, { state: "failed", why: sayFault(error) });
  }
}

/** Looks at what waits for something, again and again, until the signal aborts. */
export async function tendTenants(parts: ProviderParts, signal: AbortSignal): Promise<void> {
  const { clock, log } = parts.options;
  while (!signal.aborted) {
    giveNotices(parts);
    await clock.sleep(SETTLE_LOOK_MS, signal).catch(() => undefined);
    for (const tenant of parts.tenants.list()) {
      if (signal.aborted) return;
      await parts
        .oneAtATime(tenant.lease, () => tend(parts, tenant))
        .catch((error: unknown) =>
          log.error("pod not tended", { lease: tenant.lease, error: (error as Error).message }),
        );
    }
  }
}

/** Gives notice where the provider is drained. Nobody waits for it: a call may take as long as blocks do, and pods are looked after meanwhile. */
export function giveNotices({ isDraining, notices, options }: ProviderParts): void {
  if (!isDraining()) return;
  notices.give().catch((error: unknown) => options.log.error("notice not given", { error: (error as Error).message }));
}

/** Goes on with one pod where it stood. */
async function tend(parts: ProviderParts, tenant: Tenant): Promise<void> {
  const { state, isStarted } = tenant.record;
  if (parts.tenants.find(tenant.lease) !== tenant) return;
  if (state === "failed") await runAgain(parts, tenant);
  if (!isStarted) return await tendStart(parts, tenant);
  if (tenant.keeper === undefined) await keepLease(parts, tenant);
  if (state === "deleted") await tendEnd(parts, tenant);
}

/** A lease of which it is not known whether it began: it is started, or over, or asked for again. */
async function tendStart(parts: ProviderParts, tenant: Tenant): Promise<void> {
  const { chain } = parts.options;
  const session = tenant.session.beatKey.address.toLowerCase() as Account;
  const latest = await chain.read({ leases: [tenant.lease] }, "latest");
  if (latest.kind === "unknown") return;
  const lease = latest.state.leases[0];
  if (isStartedBy(lease, session)) return await begin(parts, tenant);
  if (lease?.stage === "Open") {
    await chain.send({ kind: "start", terms: tenant.quote.terms, session }); // The next look says what became of it.
    return;
  }
  await tendEnd(parts, tenant);
}

/** Forgets a pod whose lease is over in a block that stays. Of an unknown chain nothing follows. */
async function tendEnd(parts: ProviderParts, tenant: Tenant): Promise<void> {
  const final = await parts.options.chain.read({ leases: [tenant.lease] }, "finalized");
  if (final.kind === "unknown") return;
  const stage = final.state.leases[0]?.stage;
  const isOver = stage === "Settled" || (stage === "None" && isPast(tenant, final.block.at));
  if (!isOver) return;
  await tenant.keeper?.stop();
  await freeTenant(parts, tenant);
  await tenant.history.close();
  parts.tenants.drop(tenant.lease);
  await parts.options.folders.of(tenant.lease).remove();
  parts.options.log.info("lease over", { lease: tenant.lease, stage });
}

/** Whether nobody can open the lease any more. */
function isPast({ quote }: Tenant, at: number): boolean {
  return at > quote.terms.expires;
}
