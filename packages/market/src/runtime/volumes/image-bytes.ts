import { JOURNAL_BYTES, JOURNAL_FROM_MIB } from "../limits.ts";

const MIB = 1024 ** 2;
const BLOCK = 4_096;
/** What ext4 keeps back of every file system, up to this: a fiftieth. */
const KEPT_BACK_MAX = 16 * MIB;

/** Bytes of a file whose file system has room for so many MiB of files: what it knows of them, its journal and what it keeps back come on top. */
export function imageBytes(sizeMiB: number): number {
  const held = sizeMiB * MIB;
  const journal = sizeMiB >= JOURNAL_FROM_MIB ? JOURNAL_BYTES : 0;
  const whole = held + held / 50 + Math.min(held / 50, KEPT_BACK_MAX) + journal + 192 * 1024;
  return Math.ceil(whole / BLOCK) * BLOCK;
}
