import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startWorker, type Worker } from "./channel.ts";
import type { MemoryGrowth, MemoryResult } from "./results.ts";

/** How memory is measured. */
export interface MemoryOptions {
  /** How long the calls stay open and the reader reads, in seconds. */
  readonly seconds: number;
  readonly say: (line: string) => void;
}

const PROGRAM = join(import.meta.dirname, "..", "programs", "memory.ts");
const CALLS = 10_000;
const ITEM_BYTES = 64 * 1024;
const PAUSE_MS = 20;
const LOOKS = 30;

/**
 * What the named limits of core and zmq allow each side to hold: one inbox and what belongs to it, or the backlog of one link, full
 * (`INBOX_BYTES_MAX`: 64 MiB, `BACKLOG_BYTES_MAX`: 128 MiB).
 */
const ALLOWED_BYTES = 128 * 1024 * 1024;

/** Opens 10,000 calls that nobody answers and a stream that is read slowly, and watches how the memory of both sides grows. */
export async function measureMemory({ seconds, say }: MemoryOptions): Promise<MemoryResult> {
  const server = startWorker(PROGRAM, ["--expose-gc"]);
  const client = startWorker(PROGRAM, ["--expose-gc"]);
  try {
    const address = await server.ask<string>("serve");
    const before = await memoryOf([server, client]);
    await client.ask("open", { address, calls: CALLS, itemBytes: ITEM_BYTES, pauseMs: PAUSE_MS });
    const looks: (readonly number[])[] = [];
    for (let look = 0; look < LOOKS; look++) {
      await sleep((seconds * 1000) / LOOKS);
      looks.push(await memoryOf([server, client]));
    }
    const { settled, items } = await client.ask<{ settled: number; items: number }>("counts");
    if (settled > 0) throw new Error(`Cannot measure memory: ${settled} of ${CALLS} calls did not stay open`);
    say(`memory: ${CALLS} calls open and ${items} items read in ${seconds} s`);
    const growth = (side: number) =>
      growthOf(
        before[side] ?? 0,
        looks.map((both) => both[side] ?? 0),
      );
    const found = { seconds, calls: CALLS, items, itemBytes: ITEM_BYTES, allowedBytes: ALLOWED_BYTES };
    return { ...found, server: growth(0), client: growth(1) };
  } finally {
    await Promise.all([server.end(), client.end()]);
  }
}

function memoryOf(workers: readonly Worker[]): Promise<number[]> {
  return Promise.all(workers.map((worker) => worker.ask<number>("memory")));
}

function growthOf(before: number, looks: readonly number[]): MemoryGrowth {
  const third = Math.floor(looks.length / 3);
  return { before, middle: Math.max(...looks.slice(third, 2 * third)), last: Math.max(...looks.slice(2 * third)) };
}
