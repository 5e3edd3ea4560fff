import { OrreryError } from "@orrery/core";
import type { PodStatus } from "../gen/rpc/orrery/market/v1/provider_pb.ts";
import { writeSealedPod } from "../pod/sealed-pod-json.ts";
import type { PodChange } from "../provider/plan-update.ts";
import { type DeployWorld, giveKeys } from "./deploy-pod.ts";
import type { LeaseRecord } from "./lease-record.ts";
import { ANSWER_TIMEOUT_MS, DEPLOY_TIMEOUT_MS } from "./limits.ts";
import type { PreparedPod } from "./prepare-pod.ts";
import type { ProviderDoor } from "./system-provider-door.ts";

/** What a pod is to become, and where. */
export interface PodUpdate {
  readonly prepared: PreparedPod;
  readonly door: ProviderDoor;
  /** Volumes whose content may go. Default: none. */
  readonly deleteVolumes?: readonly string[];
}

/** Asks a provider what an update would change. */
export async function planPod(
  { lease }: LeaseRecord,
  { prepared, door, deleteVolumes = [] }: PodUpdate,
): Promise<readonly PodChange[]> {
  const asked = { lease, pod: writeSealedPod(prepared.sealed), keys: [], deleteVolumes: [...deleteVolumes] };
  const { changes } = await door.calls.update({ ...asked, dryRun: true }, { timeoutMs: ANSWER_TIMEOUT_MS });
  return changes.map(({ what, from, to, needsRestart }) => ({ what, from, to, needsRestart }));
}

/** Updates a pod: what it needs is sent first, and the record says what runs once it does. */
export async function updatePod(
  record: LeaseRecord,
  { prepared, door, deleteVolumes = [] }: PodUpdate,
  world: DeployWorld,
): Promise<PodStatus> {
  await world.upload(prepared, door);
  const next = { ...record, sealed: writeSealedPod(prepared.sealed) };
  const keys = await giveKeys(next, door, world);
  world.onStep(`changing pod "${record.pod}"`);
  const asked = { lease: record.lease, pod: next.sealed, keys, deleteVolumes: [...deleteVolumes], dryRun: false };
  const { pod } = await door.calls.update(asked, { timeoutMs: DEPLOY_TIMEOUT_MS });
  await world.records.put(next);
  if (pod === undefined) throw new OrreryError("internal", `Cannot tell how pod "${record.pod}" stands: no answer`);
  return pod;
}
