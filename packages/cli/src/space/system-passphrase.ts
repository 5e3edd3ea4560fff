import { randomBytes, scryptSync } from "node:crypto";
import { createSecretBox, type SecretBox } from "@orrery/registry";

/** A salt for a passphrase, in base64. */
export function createSalt(): string {
  return randomBytes(16).toString("base64");
}

/** A box that a passphrase closes and opens: its key by scrypt, AES-256-GCM. It takes a second part of a moment, on purpose. */
export function openPassphraseBox(passphrase: string, salt: string): SecretBox {
  const bytes = scryptSync(passphrase.normalize("NFKC"), Buffer.from(salt, "base64"), 32, {
    ...{ N: 2 ** 16, r: 8, p: 1, maxmem: 128 * 1024 * 1024 },
  });
  return createSecretBox([{ id: "passphrase", bytes }]);
}
