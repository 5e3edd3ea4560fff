import { createHash } from "node:crypto";

/** Makes the digest of bytes that come one after the other. */
export interface Digest {
  update(bytes: Uint8Array): void;
  /** `sha256:` and 64 hexadecimal digits; ends the digest. */
  text(): string;
}

/** Begins a digest. SHA-256, FIPS 180-4. */
export function createDigest(): Digest {
  const hash = createHash("sha256");
  return {
    update: (bytes) => void hash.update(bytes),
    text: () => `sha256:${hash.digest("hex")}`,
  };
}

/** The digest of bytes. */
export function digestOf(bytes: Uint8Array): string {
  const digest = createDigest();
  digest.update(bytes);
  return digest.text();
}
