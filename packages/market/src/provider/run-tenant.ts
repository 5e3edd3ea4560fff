import { isOrreryError, OrreryError } from "@orrery/core";
import { stableText } from "@orrery/mesh/internal";
import { beatSigner } from "../keeper/beats.ts";
import type { KeeperNews, KeeperRecord } from "../keeper/lease-keeper.ts";
import type { StandingStep } from "../keeper/standing.ts";
import type { Terms } from "../lease/terms.ts";
import type { SealedPod } from "../pod/pod.ts";
import { sayTime } from "../say-time.ts";
import { wantedPod } from "./gather-artifacts.ts";
import { openPodHistory, type PodHistory } from "./pod-history.ts";
import { type PodRecord, type PodState, recordStore, writePodRecord } from "./pod-record.ts";
import type { ProviderParts } from "./provider-parts.ts";
import { podName, type Tenant } from "./tenants.ts";

/** Has the runtime run a pod as it is wanted, and opens its ways. */
export async function runTenant(
  parts: ProviderParts,
  tenant: Tenant,
  sealed: SealedPod = tenant.sealed,
): Promise<void> {
  const { runtime, folders } = parts.options;
  const folder = folders.of(tenant.lease);
  const { record, session } = tenant;
  await runtime.apply(await wantedPod(podName(tenant.lease), sealed, { keys: record.keys, folder, session }));
  await openWays(parts, tenant, sealed);
}

/** Opens the ways of a pod; addresses that it had before it has again. */
export async function openWays(parts: ProviderParts, tenant: Tenant, sealed: SealedPod): Promise<void> {
  const { runtime, ways } = parts.options;
  const name = podName(tenant.lease);
  const addresses = await ways.open(name, {
    pod: sealed.pod,
    reach: () => runtime.look(name)?.ports ?? [],
    before: tenant.record.addresses,
  });
  if (stableText(addresses) !== stableText(tenant.record.addresses)) await keepRecord(parts, tenant, { addresses });
}

/** Changes what is kept of a pod, on disk first. */
export async function keepRecord(parts: ProviderParts, tenant: Tenant, change: Partial<PodRecord>): Promise<void> {
  const record = { ...tenant.record, ...change };
  await writePodRecord(parts.options.folders, record);
  tenant.record = record;
}

/** Opens what is remembered of a pod. */
export function historyOf({ options }: ProviderParts, lease: Tenant["lease"]): Promise<PodHistory> {
  const { clock, folders, log } = options;
  const onFault = (error: unknown) =>
    log.error("history of a pod not kept", { lease, error: (error as Error).message });
  return openPodHistory({ clock, folder: folders.of(lease), onFault });
}

/** Gives back all that a pod holds, but for its folder. */
export async function freeTenant(parts: ProviderParts, tenant: Tenant): Promise<void> {
  const { runtime, ways } = parts.options;
  await ways.shut(podName(tenant.lease));
  await runtime.remove(podName(tenant.lease));
  parts.capacity.release(tenant.lease);
}

/** Opens the keeper of a lease that began. */
export async function keepLease(parts: ProviderParts, tenant: Tenant): Promise<void> {
  const { options } = parts;
  const { lease, quote, session } = tenant;
  const folder = options.folders.of(lease);
  tenant.keeper = await options.openKeeper({
    ...{ terms: quote.terms, prices: quote.prices, publisher: tenant.record.publisher },
    ...{ chain: options.chain, clock: options.clock, random: options.random },
    ledger: await folder.ledger(),
    store: recordStore<KeeperRecord>(folder, KEEPER),
    session: beatSigner(session.beatKey, quote.domain),
    usage: () => useOf(parts, tenant),
    prove: async () => isFaced(parts, tenant),
    act: async ({ step, why }) => {
      if (tenant.record.state === "deleted") return; // Who ends this keeper has the turn, and waits for it.
      await parts.oneAtATime(lease, () => act(parts, tenant, { step, why }));
    },
    onNews: (news) => tellNews(parts, tenant, news),
  });
}

/** Whether no processes of a pod are to run. */
export function isAtRest(state: PodState): boolean {
  return state === "suspended" || state === "kept" || state === "deleted";
}

/** File of what the keeper of a lease must not lose. */
const KEEPER = "keeper.json";

/** Whether the provider answers for the pod: it has its processes, or none are to run. */
function isFaced(parts: ProviderParts, { record, lease }: Tenant): boolean {
  if (isAtRest(record.state)) return true;
  return hasProcesses(parts, lease);
}

/** Whether the runtime has a pod's processes, or starts them anew after they ended by themselves. */
function hasProcesses({ options }: ProviderParts, lease: Tenant["lease"]): boolean {
  return (options.runtime.look(podName(lease))?.copies.length ?? 0) > 0;
}

function tellNews({ options }: ProviderParts, { lease, history }: Tenant, news: KeeperNews): void {
  if (news.kind === "failed") {
    const error = news.error instanceof Error ? news.error.message : String(news.error);
    options.log.error(`keeping failed at ${news.what}`, { lease, error });
    return;
  }
  const { call, sent } = news;
  const end = sent.kind === "mined" ? `block ${sent.block.number}` : sent.message;
  if (sent.kind === "mined" && call.kind === "close") history.tell("notice", noticeText(call.terms, sent.block.at));
  else if (sent.kind === "mined") history.tell(call.kind, end);
  options.log.info("lease called", { lease, call: call.kind, end: sent.kind, text: end });
}

/** What a publisher is told of its provider's notice. */
function noticeText({ providerNotice, challengeWindow, responseWindow }: Terms, at: number): string {
  const endsAt = at + providerNotice - challengeWindow - responseWindow;
  return `its provider ends the lease: the pod runs until ${sayTime(endsAt)}; until then fetch what its volumes hold, and deploy it elsewhere`;
}

const KIB = 1024;

/** What was held for the pod and used by it since it was asked last; undefined where it is not served. */
async function useOf(parts: ProviderParts, tenant: Tenant) {
  const { state } = tenant.record;
  if (state === "deleted") return { reserved: {}, used: {} }; // Its publisher wants it so: nothing is to be paid, and the provider is not dark.
  if (state !== "running" && state !== "warned") return undefined;
  if (!hasProcesses(parts, tenant.lease)) return undefined;
  const now = await trafficOf(parts, tenant);
  const since = (is: number, was: number) => Math.floor((is < was ? is : is - was) / KIB); // It began anew where it is less.
  const [egress, ingress] = [
    since(now.egressBytes, tenant.told.egressBytes),
    since(now.ingressBytes, tenant.told.ingressBytes),
  ];
  const rest = (is: number, was: number, kib: number) => (is < was ? 0 : was) + kib * KIB; // Parts of a KiB are told later.
  tenant.told = {
    egressBytes: rest(now.egressBytes, tenant.told.egressBytes, egress),
    ingressBytes: rest(now.ingressBytes, tenant.told.ingressBytes, ingress),
  };
  return { reserved: tenant.quote.reserved, used: { egress: BigInt(egress), ingress: BigInt(ingress) } };
}

/** What went out of a pod and into it: by the runtime, or where that cannot tell by its ways. */
export async function trafficOf(parts: ProviderParts, { lease }: Pick<Tenant, "lease">) {
  const { runtime, ways } = parts.options;
  const usage = await runtime.usage(podName(lease));
  const through = ways.counted(podName(lease));
  return {
    egressBytes: usage?.egressBytes ?? through.egressBytes,
    ingressBytes: usage?.ingressBytes ?? through.ingressBytes,
    usage,
  };
}

/** Does to a pod what its lease asks for. */
async function act(
  parts: ProviderParts,
  tenant: Tenant,
  { step, why }: { readonly step: StandingStep; readonly why: string },
): Promise<void> {
  const { runtime } = parts.options;
  const { state } = tenant.record;
  if (state === "deleted") return;
  switch (step) {
    case "run":
      if (state === "running") return;
      if (state === "suspended" || state === "kept" || state === "failed") await runTenant(parts, tenant);
      return await turn(parts, tenant, { state: "running", why: "" });
    case "warn":
      if (state === "suspended" || state === "kept" || state === "failed") await runTenant(parts, tenant);
      return await turn(parts, tenant, { state: "warned", why });
    case "suspend":
    case "keep":
      await runtime.stop(podName(tenant.lease));
      return await turn(parts, tenant, { state: step === "keep" ? "kept" : "suspended", why });
    case "delete":
      await freeTenant(parts, tenant);
      return await turn(parts, tenant, { state: "deleted", why });
  }
}

/** Turns a pod to another state, and tells of it once. What is to be kept with it is kept in the same write. */
export async function turn(
  parts: ProviderParts,
  tenant: Tenant,
  { state, why, ...also }: Pick<PodRecord, "state" | "why"> & Partial<Pick<PodRecord, "isStarted">>,
): Promise<void> {
  const { record } = tenant;
  const isSame = record.state === state && record.why === why;
  if (isSame && (also.isStarted ?? record.isStarted) === record.isStarted) return;
  await keepRecord(parts, tenant, { state, why, ...also });
  if (isSame) return;
  tenant.history.tell(state, why);
  parts.options.log.info("pod turned", { lease: tenant.lease, state, why });
}

/** An error as its text, for the state of a pod: what is no declared error is told to the log alone. */
export function sayFault(error: unknown): string {
  return isOrreryError(error) ? error.message : "the provider failed at it; its operator can see why in the log";
}

/** @throws OrreryError `failed_precondition` for a pod that was deleted */
export function assertAlive({ record, lease }: Tenant, doing: string): void {
  if (record.state !== "deleted") return;
  throw new OrreryError(
    "failed_precondition",
    `Cannot ${doing} the pod of lease ${lease}: it was deleted; deploy anew by another lease`,
  );
}
