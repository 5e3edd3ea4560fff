import { createHash, timingSafeEqual } from "node:crypto";

/** What is kept of a secret of chance: of 32 bytes nobody guesses, a plain hash tells nothing. */
export function proofOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

/** Whether a secret is the one of which a proof was kept; it takes as long for each that is not. */
export function isProven(secret: string, proof: unknown): boolean {
  const [found, wanted] = [Buffer.from(proofOf(secret)), Buffer.from(typeof proof === "string" ? proof : "")];
  return found.length === wanted.length && timingSafeEqual(found, wanted);
}
