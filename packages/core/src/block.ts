import { BLOCK_BYTES, BLOCK_PIECE_BYTES_MAX } from "./limits.ts";

let block = new Uint8Array(0);
let used = 0;

/**
 * Copies bytes into memory that is never written again. Small copies are cut from blocks they share, which spares an allocation
 * each, as Node's small buffers do: do not transfer their ArrayBuffer, and mind `byteOffset`.
 */
export function cutCopy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const size = bytes.length;
  if (size > BLOCK_PIECE_BYTES_MAX) return new Uint8Array(bytes);
  if (used + size > block.length) {
    block = new Uint8Array(BLOCK_BYTES);
    used = 0;
  }
  const copy = new Uint8Array(block.buffer, used, size);
  copy.set(bytes);
  used += size;
  return copy;
}
