import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { close, open } from "node:inspector";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createSystemClock, createSystemRandom, type JsonValue } from "@orrery/core";
import { startedOf } from "../../supervise/proc-files.ts";
import { createStateFile } from "../../supervise/state-file.ts";
import { createSystemControl } from "../../supervise/system-control.ts";
import { isAlive } from "../../system-process.ts";
import { waitUntil } from "../wait-until.ts";
import type { SuiteDeed, SuiteMachine } from "./supervision-suite.ts";

const PROGRAM = fileURLToPath(new URL("./supervised-program.ts", import.meta.url));

/** Makes a machine of real processes, with a folder of its own. */
export async function createRealMachine(): Promise<SuiteMachine & { readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-sv-"));
  const clock = createSystemClock();
  return {
    folder,
    clock,
    random: createSystemRandom(),
    store: createStateFile(join(folder, "state.json")),
    rules: REAL_RULES,
    control: () => createSystemControl({ folder: join(folder, "s"), output: "inherit" }),
    program: (kind) => realProgram(kind, folder),
    act: async (pid, deed) => await befall(pid, deed, folder),
    until: waitUntil,
    pass: (ms) => clock.sleep(ms),
    isAlive: (pid) => isAlive(pid) && startedOf(pid) !== "",
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Makes a machine whose children are threads of this process. */
export async function createThreadMachine(): Promise<SuiteMachine & { readonly folder: string }> {
  const machine = await createRealMachine();
  return {
    ...machine,
    program: (kind) => ({ ...(realProgram(kind, machine.folder) as object), isolate: "thread" }) as JsonValue,
    act: async (thread, deed) => await befallThread(thread, deed, machine.folder),
    isAlive: (thread) => existsSync(`/proc/self/task/${thread}`),
    [Symbol.asyncDispose]: async () => {
      close(); // A debugger, where one was let in.
      await machine[Symbol.asyncDispose]();
    },
  };
}

/** Rules that are quick, and yet forgiving on a machine that is busy. */
export const REAL_RULES = {
  pingEveryMs: 150,
  missesMax: 12,
  termMs: 300,
  settleMs: 10,
  backoffMinMs: 20,
  backoffMaxMs: 50,
  windowMs: 60_000,
  spinShare: 0.2,
  memoryBytesMax: 350 * 1024 * 1024,
} as const;

/** The program of a child that behaves as tests want. */
export function realProgram(kind: string, folder: string): JsonValue {
  return { file: PROGRAM, execArgv: ["--conditions=source"], kind, folder };
}

async function befall(pid: number, deed: SuiteDeed, folder: string): Promise<void> {
  if (deed === "kill" || deed === "freeze") {
    process.kill(pid, deed === "kill" ? "SIGKILL" : "SIGSTOP");
    return;
  }
  await order(pid, deed, folder);
  if (deed === "debug") await createSystemClock().sleep(100);
}

/** A thread cannot be ended or stopped from outside: it fails by itself, waits for ever, and is debugged with its process. */
async function befallThread(thread: number, deed: SuiteDeed, folder: string): Promise<void> {
  if (deed === "debug") open(0, "127.0.0.1");
  else await order(thread, { kill: "throw", freeze: "block", spin: "spin", hog: "hog" }[deed], folder);
}

async function order(pid: number, command: string, folder: string): Promise<void> {
  const file = join(folder, `do-${pid}`);
  writeFileSync(file, command);
  await waitUntil(() => !existsSync(file)); // It has read it.
}
