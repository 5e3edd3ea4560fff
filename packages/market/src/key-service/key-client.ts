import type { Client } from "@orrery/core";
import type { ArtifactAbout } from "../artifact/artifact.ts";
import type { ArtifactRecord } from "../artifact/artifact-record.ts";
import { readWrap, writeWrap } from "../artifact/key-wrap.ts";
import { openWrap } from "../artifact/system-key-wrap.ts";
import type { Evidence } from "../attest/evidence.ts";
import { writeEvidence } from "../attest/evidence-json.ts";
import type { KeyService } from "../gen/rpc/orrery/market/v1/keys_pb.ts";
import type { SealKey } from "../keys/seal-key.ts";
import { type KeyPolicy, writeKeyPolicy } from "./key-policy.ts";

/** Calls of a key service, of a node or of `createHttpClient`. */
export type KeyCalls = Client<typeof KeyService>;

/** Has a service keep the key of an artifact, under a policy. @param who names the service in the record, such as its URL */
export async function keepKey(
  calls: KeyCalls,
  {
    record,
    artifact,
    policy,
    who,
  }: { readonly record: ArtifactRecord; readonly artifact: string; readonly policy: KeyPolicy; readonly who: string },
): Promise<void> {
  const { sealTo } = await calls.describe({});
  const wrap = await record.grant(artifact, { to: sealTo, purpose: "keep", who });
  await calls.putKey({ artifact, wrap: writeWrap(wrap), policy: writeKeyPolicy(policy) });
}

/** Has a service give a key that it keeps by another policy; the key itself is not handed over again. @throws OrreryError `not_found` where it has none */
export async function changeKeyPolicy(calls: KeyCalls, artifact: string, policy: KeyPolicy): Promise<void> {
  await calls.putKey({ artifact, wrap: "", policy: writeKeyPolicy(policy) });
}

/** What a pod, or whoever runs it, asks for a key with. */
export interface AskKeyOptions {
  /** Digest of the encrypted artifact. */
  readonly artifact: string;
  /** What it is of. */
  readonly about: ArtifactAbout;
  /** Makes evidence with a nonce, whose claims name `key`. */
  readonly attest: (nonce: string) => Promise<Evidence>;
  /** Born with the pod. */
  readonly key: SealKey;
}

/** Asks a service for the key of an artifact, by evidence. @throws OrreryError `permission_denied` with why it is not given; `not_found` */
export async function askKey(calls: KeyCalls, { artifact, about, attest, key }: AskKeyOptions): Promise<Uint8Array> {
  const { nonce } = await calls.challenge({});
  const { wrap } = await calls.release({ artifact, evidence: writeEvidence(await attest(nonce)) });
  return await openWrap(readWrap(wrap), { key, context: { artifact, about, purpose: "run" } });
}
