import { SLAB_BYTES, SLABS_KEPT_MAX } from "./limits.ts";

const spare: Uint8Array<ArrayBuffer>[] = [];

/**
 * Takes a buffer of SLAB_BYTES to write outgoing frames into; its content is whatever was there before.
 * Connections share the spare ones, so an idle connection owns none.
 */
export function takeSlab(): Uint8Array<ArrayBuffer> {
  return spare.pop() ?? allocate(SLAB_BYTES);
}

/** Gives a slab back once the kernel has copied what it held; a buffer of another size is left to the collector. */
export function giveSlab(slab: Uint8Array<ArrayBuffer>): void {
  if (slab.length === SLAB_BYTES && spare.length < SLABS_KEPT_MAX) spare.push(slab);
}

/** A plain Uint8Array of `size` bytes that is not cleared first: only for what is written over as a whole. */
export function allocate(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.allocUnsafeSlow(size).buffer, 0, size);
}
