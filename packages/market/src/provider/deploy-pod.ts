import { OrreryError } from "@orrery/core";
import type { Account, Digest } from "../lease/terms.ts";
import { leaseName } from "../lease/typed-data.ts";
import type { SealedPod } from "../pod/pod.ts";
import { readSealedPod, writeSealedPod } from "../pod/sealed-pod-json.ts";
import { hostsOf } from "../ports/system-pod-door.ts";
import { readQuote, writeQuote } from "../quote/quote-json.ts";
import { type GivenKey, gatherArtifacts } from "./gather-artifacts.ts";
import { QUOTE_CHARS_MAX } from "./limits.ts";
import { writePodRecord, writeSealedSession } from "./pod-record.ts";
import type { ProviderParts } from "./provider-parts.ts";
import type { OpenQuote } from "./quote-book.ts";
import { freeTenant, historyOf, keepLease, runTenant, turn } from "./run-tenant.ts";
import { knownLease, type Started, startLease } from "./start-lease.ts";
import { podName, type Tenant } from "./tenants.ts";

/** What a publisher sends to have its pod run. */
export interface AskedDeploy {
  /** JSON of the quote that its lease was opened by. */
  readonly quote: string;
  /** JSON of the sealed pod. */
  readonly pod: string;
  readonly keys: readonly GivenKey[];
  readonly publisher: Account;
}

/**
 * Runs a pod for which a lease was opened by its quote; the same again gives the same. What fails leaves nothing, and the lease to be cancelled.
 * @throws OrreryError `failed_precondition` where lease, quote and pod do not fit one another, `permission_denied` for another's lease
 */
export async function deployPod(parts: ProviderParts, asked: AskedDeploy): Promise<Tenant> {
  if (asked.quote.length > QUOTE_CHARS_MAX)
    throw new OrreryError("invalid_argument", `Cannot read the quote: it has more than ${QUOTE_CHARS_MAX} letters`);
  const lease = leaseName(readQuote(asked.quote).terms);
  const sealed = readSealedPod(asked.pod);
  return parts.oneAtATime(lease, async () => {
    const known = parts.tenants.find(lease);
    if (known !== undefined) return sameAgain(known, sealed, asked.publisher);
    parts.assertOpen();
    const open = parts.book.find(lease);
    if (open === undefined)
      throw refused(
        lease,
        "this provider knows no such quote: it is over, or the provider started anew; cancel the lease and ask for another",
      );
    await assertOpened(parts, { open, sealed, publisher: asked.publisher });
    await parts.options.ways.assertClaimable(hostsOf(sealed.pod), asked.publisher, podName(lease));
    return await deployNew(parts, { open, sealed, asked });
  });
}

function sameAgain(known: Tenant, sealed: SealedPod, publisher: Account): Tenant {
  if (known.record.publisher !== publisher)
    throw new OrreryError(
      "permission_denied",
      `Cannot deploy by lease ${known.lease}: it is not of wallet ${publisher}`,
    );
  if (known.record.state === "deleted") throw refused(known.lease, "its pod was deleted; open another lease");
  if (known.sealed.digest === sealed.digest) return known;
  throw refused(known.lease, `it has pod ${known.sealed.digest} already; change it by an update`);
}

async function assertOpened(
  { options }: ProviderParts,
  { open, sealed, publisher }: { readonly open: OpenQuote; readonly sealed: SealedPod; readonly publisher: Account },
): Promise<void> {
  const { lease, quote } = open;
  if (quote.terms.manifest !== sealed.digest)
    throw refused(
      lease,
      `the quote is of pod ${quote.terms.manifest}, and this one is ${sealed.digest}; ask for another quote`,
    );
  const found = knownLease(await options.chain.read({ leases: [lease] }, "latest"), `look at lease ${lease}`);
  if (found.stage === "None") throw refused(lease, "it was not opened; open it by the quote first");
  if (found.publisher.toLowerCase() !== publisher)
    throw new OrreryError("permission_denied", `Cannot deploy by lease ${lease}: it is not of wallet ${publisher}`);
  if (found.stage !== "Open") throw refused(lease, `it is ${found.stage}; open another`);
}

async function deployNew(
  parts: ProviderParts,
  { open, sealed, asked }: { readonly open: OpenQuote; readonly sealed: SealedPod; readonly asked: AskedDeploy },
): Promise<Tenant> {
  const { lease, quote, session } = open;
  const { options, capacity, tenants } = parts;
  const tenant = await newTenant(parts, { open, sealed, asked });
  tenants.add(tenant);
  try {
    tenant.history.tell("deploying", `pod "${sealed.pod.name}" by lease ${lease}`);
    capacity.hold(lease, quote.reserved);
    const folder = options.folders.of(lease);
    await writeSealedSession(options.folders, lease, await options.sealer.seal(session.secret));
    await gatherArtifacts(sealed, asked.keys, { folder, source: options.artifacts });
    await writePodRecord(options.folders, tenant.record); // From here on it is found again after a fall.
    await runTenant(parts, tenant);
    const started = await startLease(parts, tenant);
    parts.book.take(lease);
    await goOn(parts, tenant, started);
    return tenant;
  } catch (error) {
    await freeTenant(parts, tenant);
    await tenant.history.close();
    tenants.drop(lease);
    await options.folders.of(lease).remove();
    options.log.warn("pod not deployed", { lease, error: (error as Error).message });
    throw error;
  }
}

/** The lease began, or may have: nothing that fails from here on takes its pod away, for its provider would be dark. What failed is done at a later look. */
async function goOn(parts: ProviderParts, tenant: Tenant, started: Started): Promise<void> {
  try {
    if (started === "started") await begin(parts, tenant);
    else await turn(parts, tenant, { state: "deploying", why: "the chain has not said yet that the lease began" });
  } catch (error) {
    parts.options.log.error("lease not kept yet", { lease: tenant.lease, error: (error as Error).message });
  }
}

/** A lease began: its pod runs, and its money is looked after. */
export async function begin(parts: ProviderParts, tenant: Tenant): Promise<void> {
  await turn(parts, tenant, { state: "running", why: "", isStarted: true });
  await keepLease(parts, tenant);
}

async function newTenant(
  parts: ProviderParts,
  { open, sealed, asked }: { readonly open: OpenQuote; readonly sealed: SealedPod; readonly asked: AskedDeploy },
): Promise<Tenant> {
  const { options } = parts;
  const { lease, quote, session } = open;
  const history = await historyOf(parts, lease);
  return {
    ...{ lease, quote, session, sealed, history, keeper: undefined },
    told: { egressBytes: 0, ingressBytes: 0 },
    record: {
      ...{ version: 1, lease, publisher: asked.publisher, quote: writeQuote(quote), pod: writeSealedPod(sealed) },
      keys: asked.keys.map(({ artifact, wrap }) => ({ artifact, wrap })),
      ...{ addresses: [], state: "deploying", why: "", isStarted: false, deployedAtMs: options.clock.now() },
    },
  };
}

function refused(lease: Digest, why: string): OrreryError {
  return new OrreryError("failed_precondition", `Cannot deploy by lease ${lease}: ${why}`);
}
