import { SLAB_BYTES, SLABS_KEPT_MAX } from "./limits.ts";

const spare: Uint8Array[] = [];

/**
 * Takes a buffer of SLAB_BYTES to write outgoing frames into; its content is whatever was there before.
 * Connections share the spare ones, so an idle connection owns none.
 */
export function takeSlab(): Uint8Array {
  return spare.pop() ?? allocate(SLAB_BYTES);
}

/** Gives slabs back once the kernel has copied what they held; buffers of another size are left to the collector. */
export function giveSlabs(slabs: readonly Uint8Array[]): void {
  for (const slab of slabs) {
    if (slab.length === SLAB_BYTES && spare.length < SLABS_KEPT_MAX) spare.push(slab);
  }
}

/** A plain Uint8Array of `size` bytes that is not cleared first: only for what is written over as a whole. */
export function allocate(size: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(size).buffer, 0, size);
}
