import type { Random } from "@orrery/core";
import { OrreryError } from "@orrery/core";
import { bytesToHex, type LocalAccount } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { SealKey } from "../keys/seal-key.ts";
import { sealKeyOf } from "../keys/system-seal-key.ts";

/** Keys that are born for one pod and never leave the provider: what signs its beats, and what keys of its artifacts are wrapped to. */
export interface PodSession {
  /** Signs beats. */
  readonly beatKey: LocalAccount;
  readonly sealKey: SealKey;
  /** Both as bytes, to be sealed before they are on a disk. */
  readonly secret: Uint8Array;
}

const BYTES = 32;

/** Makes the keys of a pod. */
export function createPodSession(random: Pick<Random, "bytes">): PodSession {
  return podSessionOf(random.bytes(2 * BYTES));
}

/** The keys that were made before. @throws OrreryError `data_loss` for other bytes */
export function podSessionOf(secret: Uint8Array): PodSession {
  if (secret.length !== 2 * BYTES)
    throw new OrreryError(
      "data_loss",
      `Cannot open the keys of a pod: they have ${secret.length} bytes, not ${2 * BYTES}`,
    );
  return {
    beatKey: privateKeyToAccount(bytesToHex(secret.subarray(0, BYTES))),
    sealKey: sealKeyOf(secret.subarray(BYTES)),
    secret,
  };
}
