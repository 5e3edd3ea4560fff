import { createHash } from "node:crypto";

/** The digest of bytes, as blobs are named by it: SHA-256, FIPS 180-4. */
export function digestOf(content: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** The digest and length of bytes that pass. */
export interface Passage {
  readonly digest: string;
  readonly bytes: number;
}

/** Lets bytes pass to somebody, and gives what they were. */
export async function sumPassing(
  source: AsyncIterable<Uint8Array>,
  onPiece: (piece: Uint8Array) => Promise<void> | void = () => {},
): Promise<Passage> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const piece of source) {
    hash.update(piece);
    bytes += piece.length;
    await onPiece(piece);
  }
  return { digest: `sha256:${hash.digest("hex")}`, bytes };
}
