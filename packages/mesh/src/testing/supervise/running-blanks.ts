import { existsSync, readdirSync, readFileSync } from "node:fs";
import { pidWithToken, startedOf } from "../../supervise/proc-files.ts";

/** Processes that have a socket in a folder, children and blanks. */
export function listeningIn(folder: string): readonly number[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const pids = names.map((name) => (name.endsWith(".s") ? pidWithToken(name.slice(0, -2)) : 0));
  return pids.filter((pid) => pid !== 0 && startedOf(pid) !== "").sort((a, b) => a - b);
}

/** Worker threads of this process. */
export function workerThreads(): readonly number[] {
  return readdirSync("/proc/self/task").filter(isWorker).map(Number);
}

function isWorker(task: string): boolean {
  try {
    return readFileSync(`/proc/self/task/${task}/comm`, "utf8").trim() === "WorkerThread";
  } catch {
    return false; // It has just ended.
  }
}
