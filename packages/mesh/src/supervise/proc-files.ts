import { readdirSync, readFileSync } from "node:fs";
import type { Measures } from "./process-control.ts";

/** Clock ticks of /proc are hundredths of a second on every Linux that Node runs on. */
const TICK_MS = 10;
const PAGE_BYTES = 4096;

/** When a process started, told apart from all others of its number, also those before the machine last started; empty when it has ended. */
export function startedOf(pid: number): string {
  const fields = statOf(pid);
  if (fields === undefined || fields[0] === "Z" || fields[0] === "X") return "";
  return `${read("/proc/sys/kernel/random/boot_id").trim()}/${fields[19]}`;
}

/** What the machine tells of a process, whether it answers or not. */
export function measuresOf(pid: number): Measures | undefined {
  const fields = statOf(pid);
  if (fields === undefined) return undefined;
  return {
    debugged: isDebugged(pid),
    processorMs: wantedMs(fields, pid),
    memoryBytes: Number(fields[21]) * PAGE_BYTES,
  };
}

/** What a process has used of the processors. */
export interface ProcessorTime {
  /** As `startedOf`: whose number it is. */
  readonly started: string;
  /** In µs, to a hundredth of a second: its own, threads included, and that of the processes that it started and that have ended. */
  readonly cpuUs: number;
}

/** What a process has used of the processors since it started; undefined where it has ended. Linux only. */
export function processorTimeOf(pid: number): ProcessorTime | undefined {
  const started = startedOf(pid);
  const fields = started === "" ? undefined : statOf(pid);
  if (fields === undefined || !started.endsWith(`/${fields[19]}`)) return undefined;
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { started, cpuUs: ticks * TICK_MS * 1000 };
}

/** What the machine tells of a thread of this process; of memory only the thread itself can tell. */
export function threadMeasuresOf(thread: number): Omit<Measures, "memoryBytes"> {
  const fields = statOf(`self/task/${thread}`);
  const processorMs = fields && wantedMs(fields, `self/task/${thread}`);
  return { debugged: isDebugged("self"), processorMs };
}

/** Processor time that was used, and that its first thread could have used while others had the processors: a busy machine makes nobody idle. */
function wantedMs(fields: readonly string[], task: number | `self/task/${number}`): number {
  const waitedMs = Number(read(`/proc/${task}/schedstat`).split(" ")[1] ?? 0) / 1e6; // Where the kernel does not count it, nothing.
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS + waitedMs;
}

/** Whether a process was started with a token in its environment; undefined when that is kept from us. */
export function hasToken(pid: number, token: string): boolean | undefined {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").includes(token);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? false : undefined;
  }
}

/** The process that was started with a token; 0 for none. */
export function pidWithToken(token: string): number {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && hasToken(Number(name), token) === true);
  return Number(pids.find((pid) => !pids.includes(parentOf(Number(pid)))) ?? 0); // What it started has it, too.
}

/** Number of the process that started another; empty where that has ended. */
export function parentOf(pid: number): string {
  return statOf(pid)?.[1] ?? "";
}

/** A Node whose inspector is open has a thread for it; other debuggers trace. */
function isDebugged(pid: number | "self"): boolean {
  if (!/^TracerPid:\s+0$/m.test(read(`/proc/${pid}/status`, "TracerPid:\t0"))) return true;
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.some((thread) => read(`/proc/${pid}/task/${thread}/comm`).trim() === "InspectorIo");
  } catch {
    return false; // It has just ended.
  }
}

/** Fields of `stat` from the third on: what stands before may hold blanks and brackets. */
function statOf(pid: number | `self/task/${number}`): readonly string[] | undefined {
  const text = read(`/proc/${pid}/stat`);
  return text === "" ? undefined : text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function read(file: string, otherwise = ""): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return otherwise;
  }
}
