import { createHash } from "node:crypto";

/** Digest of bytes as images have it: `sha256:` and 64 digits. */
export function sha256Of(bytes: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
