import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";

/** What the machine did up to a moment. */
export interface MachineTime {
  readonly atMs: number;
  /** CPU time of all processes and of the host's other guests, in µs over all cores. */
  readonly busyMicros: number;
}

/** One tick of the kernel's accounting, in µs. */
const TICK_MICROS = 10_000;
/** One page of memory on the machines that we measure on. */
const PAGE_BYTES = 4_096;

/** Reads how busy the machine has been; where there is no /proc, it seems idle. */
export function machineTime(): MachineTime {
  const atMs = performance.now();
  const [, user = 0, nice = 0, system = 0, , , , , steal = 0] = readWords("/proc/stat").map(Number);
  return { atMs, busyMicros: (user + nice + system + steal) * TICK_MICROS };
}

/** Share of all cores that others than we took between two moments, from 0 to 1. `ownMicros` is what we took. */
export function foreignShare(before: MachineTime, after: MachineTime, ownMicros: number): number {
  const allMicros = (after.atMs - before.atMs) * 1000 * availableParallelism();
  return allMicros === 0 ? 0 : Math.max(0, after.busyMicros - before.busyMicros - ownMicros) / allMicros;
}

/** CPU time of another process so far, in µs; 0 when it cannot be read. */
export function cpuMicrosOf(pid: number): number {
  const words = readWords(`/proc/${pid}/stat`);
  return (Number(words[13] ?? 0) + Number(words[14] ?? 0)) * TICK_MICROS;
}

/** Memory of another process that is resident now, in bytes; 0 when it cannot be read. */
export function residentBytesOf(pid: number): number {
  return Number(readWords(`/proc/${pid}/statm`)[1] ?? 0) * PAGE_BYTES;
}

/** Describes the machine for the table. */
export function describeMachine(): string {
  const model = (cpus()[0]?.model ?? "unknown processor").replace(/\s+/g, " ").trim();
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  const system = `${process.platform} ${release()}`;
  return `${availableParallelism()} cores (${model}), ${memoryGb} GiB, ${system}, Node ${process.versions.node} (V8 ${process.versions.v8})`;
}

function readWords(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n", 1)[0]?.split(/\s+/) ?? [];
  } catch {
    return [];
  }
}
