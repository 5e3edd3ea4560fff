import { createDigest } from "../blobs/system-digest.ts";
import type { BlobRef } from "../resource.ts";

/** Lets bytes pass to somebody, and gives what they were. */
export async function sumPassing(
  source: AsyncIterable<Uint8Array>,
  onPiece: (piece: Uint8Array) => Promise<void> | void = () => {},
): Promise<BlobRef> {
  const sum = createDigest();
  let bytes = 0;
  for await (const piece of source) {
    sum.update(piece);
    bytes += piece.length;
    await onPiece(piece);
  }
  return { digest: sum.text(), bytes };
}
