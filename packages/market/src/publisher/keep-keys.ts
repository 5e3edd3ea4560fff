import { isOrreryError } from "@orrery/core";
import { createHttpClient } from "@orrery/http";
import type { ArtifactRecord, KeptArtifact, ReadyArtifact } from "../artifact/artifact-record.ts";
import type { AttestPolicy } from "../attest/evidence.ts";
import { KeyService } from "../gen/rpc/orrery/market/v1/keys_pb.ts";
import { changeKeyPolicy, type KeyCalls, keepKey } from "../key-service/key-client.ts";
import type { KeyPolicy } from "../key-service/key-policy.ts";
import { KEY_POLICY_ENTRIES_MAX } from "../key-service/limits.ts";
import type { Digest } from "../lease/terms.ts";
import type { SealedPod } from "../pod/pod.ts";
import { readSealedPod } from "../pod/sealed-pod-json.ts";
import { createWalletAuthorization } from "../wallet/wallet-authorization.ts";
import type { LeaseRecord } from "./lease-record.ts";
import type { ProviderDoorOptions, StorePlace } from "./system-provider-door.ts";

/** A key service, as a publisher asks it. */
export interface KeyPlace {
  /** Names it in the record of artifacts. */
  readonly url: string;
  readonly calls: KeyCalls;
}

/** What a publisher knows about keys that a service keeps for it. */
export interface KeepKeysOptions {
  readonly record: ArtifactRecord;
  /** What is taken as proof of where pods run. */
  readonly attest: AttestPolicy;
}

/** Opens a key service as a wallet. */
export function openKeyPlace(
  { url, account }: StorePlace,
  { key, clock, random }: ProviderDoorOptions,
): KeyPlace & Disposable {
  const authorization = createWalletAuthorization(key, { audience: account, clock, random });
  const client = createHttpClient({ url, authorization });
  return { url, calls: client.client(KeyService), [Symbol.dispose]: () => client.close() };
}

/**
 * Hands keys to a service that does not have them yet. It gives them to nobody before `allowPods` says to which pods.
 * @returns artifacts whose keys were handed over now
 */
export async function keepKeys(
  ready: readonly ReadyArtifact[],
  { url, calls }: KeyPlace,
  { record, attest, manifest }: KeepKeysOptions & { readonly manifest: Digest },
): Promise<readonly string[]> {
  const isKept = ({ kept }: ReadyArtifact) => kept.grants.some(({ purpose, who }) => purpose === "keep" && who === url);
  const artifacts = ready.filter((one) => !isKept(one)).map(({ kept }) => kept.artifact);
  const policy: KeyPolicy = { manifests: [manifest], images: [], grantedTo: [], attest };
  for (const artifact of artifacts) await keepKey(calls, { record, artifact, policy, who: url });
  return artifacts;
}

/** Has a service give keys to the pods of these leases, and to no other; a key that it has not is handed over. */
export async function allowPods(
  artifacts: readonly string[],
  { url, calls }: KeyPlace,
  { record, attest, leases }: KeepKeysOptions & { readonly leases: readonly LeaseRecord[] },
): Promise<void> {
  const policy = policyFor(leases, attest);
  for (const artifact of artifacts)
    await changeKeyPolicy(calls, artifact, policy).catch(async (error: unknown) => {
      if (!isOrreryError(error) || error.code !== "not_found") throw error;
      await keepKey(calls, { record, artifact, policy, who: url });
    });
}

/**
 * Has a service give the pod of a lease no key any more, of all that it keeps for pods of that name: each is given to those pods alone that need it and go on.
 * @param leases those that go on
 */
export async function leavePods(
  own: LeaseRecord,
  { url, calls }: KeyPlace,
  { record, attest, leases }: KeepKeysOptions & { readonly leases: readonly LeaseRecord[] },
): Promise<void> {
  const isKept = ({ about, grants, revokedAtMs }: KeptArtifact) =>
    about.app === own.pod &&
    revokedAtMs === undefined &&
    grants.some(({ purpose, who }) => purpose === "keep" && who === url);
  for (const kept of (await record.list()).filter(isKept)) {
    const going = leases.filter(({ sealed }) => needs(readSealedPod(sealed), kept));
    const policy = { ...policyFor(going.length === 0 ? [own] : going, attest), ...grantedTo(going) };
    await changeKeyPolicy(calls, kept.artifact, policy).catch((error: unknown) => {
      if (!isOrreryError(error) || !GONE.includes(error.code)) throw error; // It has no such key, or gives it to nobody.
    });
  }
}

const GONE: readonly string[] = ["not_found", "failed_precondition"];

/** Whether a pod is made of an artifact. */
export function needs(
  { images, secrets }: SealedPod,
  { about, artifact }: Pick<KeptArtifact, "about" | "artifact">,
): boolean {
  return about.kind === "image"
    ? Object.values(images).includes(about.name)
    : Object.values(secrets).includes(artifact);
}

function policyFor(leases: readonly LeaseRecord[], attest: AttestPolicy): KeyPolicy {
  const newest = leases.slice(-KEY_POLICY_ENTRIES_MAX);
  const manifests = [...new Set(newest.map(({ sealed }) => readSealedPod(sealed).digest))];
  return { manifests, images: [], ...grantedTo(newest), attest };
}

function grantedTo(leases: readonly LeaseRecord[]): Required<Pick<KeyPolicy, "grantedTo">> {
  return { grantedTo: [...new Set(leases.slice(-KEY_POLICY_ENTRIES_MAX).map(({ sealTo }) => sealTo))] };
}
