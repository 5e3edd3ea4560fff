import { createPrivateKey, createPublicKey, hkdfSync, randomBytes } from "node:crypto";
import { OrreryError } from "@orrery/core";
import { hexToBytes, type LocalAccount } from "viem";
import type { SealKey } from "./seal-key.ts";

/** PKCS #8 of an X25519 key up to its 32 bytes, RFC 8410. */
const PKCS8 = Buffer.from("302e020100300506032b656e04220420", "hex");

/** What a wallet signs, and nothing else does: a page that has it signed has the key, so it says so. */
const KEPT_BY = {
  domain: { name: "Orrery artifacts", version: "1" },
  types: { SealKey: [{ name: "purpose", type: "string" }] },
  primaryType: "SealKey",
  message: { purpose: "Make the key that opens my images and secrets. Sign this for nobody but Orrery." },
} as const;

/** Makes a key by chance. */
export function createSealKey(): SealKey {
  return sealKeyOf(randomBytes(32));
}

/** The key of 32 secret bytes. */
export function sealKeyOf(secret: Uint8Array): SealKey {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, secret]), format: "der", type: "pkcs8" });
  const sealTo = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32).toString("hex");
  return { sealTo, secret };
}

/**
 * The key of a wallet: made of what it signs, so that whoever keeps the wallet keeps the key, on each machine alike, and no second file is to be lost.
 * @throws OrreryError `failed_precondition` for a wallet that signs the same text differently each time
 */
export async function sealKeyOfWallet(wallet: Pick<LocalAccount, "address" | "signTypedData">): Promise<SealKey> {
  const [one, two] = [await wallet.signTypedData(KEPT_BY), await wallet.signTypedData(KEPT_BY)];
  if (one !== two)
    throw new OrreryError(
      "failed_precondition",
      `Cannot make a key of wallet ${wallet.address}: it signs the same text differently each time (RFC 6979), use another`,
    );
  return sealKeyOf(new Uint8Array(hkdfSync("sha256", hexToBytes(one), "", "orrery seal key 1", 32)));
}
