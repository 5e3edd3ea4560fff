import { isMainThread } from "node:worker_threads";
import { ownThread } from "../system-thread.ts";

/** What the process or the thread of a node takes of its machine. */
export interface Usage {
  /** Its id. */
  readonly pid: number;
  /** Memory that is its own, in bytes. */
  readonly memoryBytes: number;
  /** Time that it has computed for since it began, in ms. */
  readonly cpuMs: number;
}

/** Reads what this process takes; within a thread, what that takes. */
export function processUsage(): Usage {
  if (!isMainThread) return threadUsage();
  const { user, system } = process.cpuUsage();
  return { pid: process.pid, memoryBytes: process.memoryUsage.rss(), cpuMs: (user + system) / 1000 };
}

function threadUsage(): Usage {
  const { user, system } = process.threadCpuUsage();
  const { heapTotal, external } = process.memoryUsage(); // Of this thread alone.
  return { pid: ownThread(), memoryBytes: heapTotal + external, cpuMs: (user + system) / 1000 };
}
