import { isOrreryError, OrreryError } from "@orrery/core";
import { type Amounts, RESERVED, USED } from "../meter/prices.ts";
import type { SealedPod } from "../pod/pod.ts";
import { reservedBy, usedAtMostBy } from "../pod/pod-amounts.ts";
import { readSealedPod, writeSealedPod } from "../pod/sealed-pod-json.ts";
import { hostsOf } from "../ports/system-pod-door.ts";
import { type GivenKey, gatherArtifacts } from "./gather-artifacts.ts";
import { type PodChange, planUpdate } from "./plan-update.ts";
import type { PodRecord } from "./pod-record.ts";
import type { ProviderParts } from "./provider-parts.ts";
import { assertAlive, isAtRest, keepRecord, runTenant } from "./run-tenant.ts";
import { podName, type Tenant } from "./tenants.ts";

/** What a publisher sends to change its pod. */
export interface AskedUpdate {
  /** JSON of the sealed pod as it is to be. */
  readonly pod: string;
  readonly keys: readonly GivenKey[];
  readonly isDryRun: boolean;
  /** Volumes whose content may go. */
  readonly deleteVolumes: readonly string[];
}

/**
 * Says what an update of a pod changes, and does it unless it is a dry run. One that fails leaves what ran before.
 * @throws OrreryError `resource_exhausted` for more than the lease pays for, `failed_precondition` for a volume that would go unnamed
 */
export async function updatePod(
  parts: ProviderParts,
  tenant: Tenant,
  asked: AskedUpdate,
): Promise<readonly PodChange[]> {
  const sealed = readSealedPod(asked.pod);
  const { changes, droppedVolumes } = planUpdate(tenant.sealed, sealed);
  assertAlive(tenant, "update");
  assertSameName(tenant, sealed);
  assertPaidFor(tenant, sealed);
  await parts.options.ways.assertClaimable(hostsOf(sealed.pod), tenant.record.publisher, podName(tenant.lease));
  if (asked.isDryRun) return changes;
  assertNamed(droppedVolumes, asked.deleteVolumes);
  if (changes.length > 0) await change(parts, tenant, { sealed, keys: asked.keys });
  await dropVolumes(parts, tenant, droppedVolumes);
  return changes;
}

/** Takes away what volumes hold that the pod has no more. What cannot be taken away now goes with the pod. */
async function dropVolumes({ options }: ProviderParts, tenant: Tenant, dropped: readonly string[]): Promise<void> {
  const { lease, history } = tenant;
  for (const volume of dropped)
    try {
      await options.runtime.removeVolumes(podName(lease), [volume]);
      history.tell("volume deleted", volume);
    } catch (error) {
      options.log.error("volume not deleted", { lease, volume, error: (error as Error).message });
    }
}

async function change(
  parts: ProviderParts,
  tenant: Tenant,
  { sealed, keys }: { readonly sealed: SealedPod; readonly keys: readonly GivenKey[] },
): Promise<void> {
  const { options } = parts;
  const { lease, record: before } = tenant;
  const merged = [
    ...new Map([...before.keys, ...keys].map(({ artifact, wrap }) => [artifact, { artifact, wrap }])).values(),
  ];
  const given = merged.map((key) => ({
    ...key,
    stores: keys.find(({ artifact }) => artifact === key.artifact)?.stores ?? [],
  }));
  await gatherArtifacts(sealed, given, { folder: options.folders.of(lease), source: options.artifacts });
  try {
    tenant.record = { ...before, keys: merged };
    if (!isAtRest(before.state)) await runTenant(parts, tenant, sealed);
    await keepRecord(parts, tenant, { pod: writeSealedPod(sealed) });
    tenant.sealed = sealed;
  } catch (error) {
    throw sayTakenBack(error, await takeBack(parts, tenant, before));
  }
  tenant.history.tell("updated", `to pod ${sealed.digest}`);
}

/** Why an update failed, and what runs now. */
function sayTakenBack(error: unknown, isBack: boolean): unknown {
  if (!isOrreryError(error)) return error;
  const now = isBack
    ? "What ran before runs on"
    : "What ran before could not be run again either: restart the pod, or update it to what works";
  return new OrreryError(error.code, `${error.message}\n  ${now}`, { cause: error });
}

/** Has run again what ran before an update that failed. @returns whether it does */
async function takeBack(parts: ProviderParts, tenant: Tenant, before: PodRecord): Promise<boolean> {
  const { lease } = tenant;
  tenant.record = { ...before, addresses: tenant.record.addresses };
  tenant.history.tell("update failed", "what ran before runs on");
  try {
    if (!isAtRest(before.state)) await runTenant(parts, tenant);
    await keepRecord(parts, tenant, {});
    return true;
  } catch (fault) {
    parts.options.log.error("update not taken back", { lease, error: (fault as Error).message });
    return false;
  }
}

function assertSameName({ sealed, lease }: Tenant, { pod }: SealedPod): void {
  if (sealed.pod.name === pod.name) return;
  throw new OrreryError(
    "invalid_argument",
    `Cannot update the pod of lease ${lease}: it is "${sealed.pod.name}", and "${pod.name}" is another; deploy that by a lease of its own`,
  );
}

/** A lease pays for so much, and no update makes it more. */
function assertPaidFor({ quote }: Tenant, { pod }: SealedPod): void {
  const over = (resources: readonly (keyof Amounts)[], wanted: Amounts, most: Amounts) =>
    resources.flatMap((name) => {
      const [asked, paid] = [wanted[name] ?? 0n, most[name] ?? 0n];
      return asked > paid ? [`${name} ${asked} (the lease has ${paid})`] : [];
    });
  const all = [...over(RESERVED, reservedBy(pod), quote.reserved), ...over(USED, usedAtMostBy(pod), quote.usedAtMost)];
  if (all.length === 0) return;
  throw new OrreryError(
    "resource_exhausted",
    `Cannot update pod "${pod.name}": it asks for more than its lease pays for: ${all.join(", ")}; deploy it by another lease`,
  );
}

function assertNamed(dropped: readonly string[], named: readonly string[]): void {
  const unnamed = dropped.filter((name) => !named.includes(name));
  if (unnamed.length > 0)
    throw new OrreryError(
      "failed_precondition",
      `Cannot update the pod: the content of volume ${unnamed.map((name) => `"${name}"`).join(", ")} would go; name it among those to delete, or keep it in the pod`,
      { details: { volumes: [...unnamed] } },
    );
  const other = named.find((name) => !dropped.includes(name));
  if (other !== undefined)
    throw new OrreryError("invalid_argument", `Cannot delete volume "${other}": the pod has it still, or never had it`);
}
