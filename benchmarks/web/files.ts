import { createHash } from "node:crypto";

/** A file that is served, by its name on every server. */
export interface BenchFile {
  readonly name: string;
  readonly label: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Bytes that no compression makes shorter, the same in every run. */
function bytesOf(count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; at += 32)
    bytes.set(
      createHash("sha256")
        .update(`orrery ${at}`)
        .digest()
        .subarray(0, Math.min(32, count - at)),
      at,
    );
  return bytes;
}

/** What is served. */
export const FILES: readonly BenchFile[] = [
  { name: "small.bin", label: "1 KiB", bytes: bytesOf(1024) },
  { name: "large.bin", label: "1 MiB", bytes: bytesOf(1024 * 1024) },
];
