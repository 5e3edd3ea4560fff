const POLYNOMIAL = 0xedb88320;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

/** The CRC-32 of bytes, as zlib computes it; `seed` is that of what stands before them, or any other number to tell places apart. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  let value = ~seed;
  for (let at = 0; at < bytes.length; at++)
    value = (value >>> 8) ^ (TABLE[(value ^ (bytes[at] as number)) & 0xff] as number);
  return ~value >>> 0;
}
