import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type JsonValue, OrreryError } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import { withEnvironment } from "../environment/environment-control.ts";
import { createLifeWorks } from "../environment/system-life-works.ts";
import { BlankPool, type Blanks } from "./blanks.ts";
import { type ChildOrder, ORDER_VARIABLE } from "./child-lines.ts";
import type { Isolation, ProcessStart } from "./isolation.ts";
import type { NodeProgram } from "./node-program.ts";
import { hasToken, pidWithToken, startedOf } from "./proc-files.ts";
import type { ControlledProcess, Found, ProcessControl, ProcessRecord, ProcessWatch } from "./process-control.ts";
import { makeProcessToken, startBlankProcess, TOKEN_BYTES } from "./system-blank-process.ts";
import { RefusedProcess, withEnvFile } from "./system-env-file.ts";
import { type MachineParts, MachineProcess } from "./system-machine-process.ts";
import { openOutputs, outputOf, tellIn } from "./system-output-files.ts";
import { variablesOf } from "./system-start-variables.ts";
import { createThreadControl } from "./system-thread-control.ts";

/** Options of the machine's control. */
export interface SystemControlOptions {
  /** Folder for the sockets of children, which only the user may enter. */
  readonly folder: string;
  /** Whether children write where the supervisor does, or nowhere. Default: inherit. */
  readonly output?: "inherit" | "ignore";
  /** Told what commands around the life of children print, and what ails them. Default: written as `output` says. */
  readonly onLine?: (line: string) => void;
  /**
   * Processes and threads that are kept ready, with the platform loaded, for children that serve components: they start sooner, and each costs
   * the memory of one that does nothing. Default: none.
   */
  readonly blanks?: Blanks;
  /** What encloses programs that name a cage. Default: nothing, and they are refused. */
  readonly isolation?: Isolation | undefined;
}

/** A control of this machine's processes, and of threads of this process. */
export interface SystemControl extends ProcessControl {
  /** Keeps so many blanks from now on. */
  keepBlanks(blanks: Blanks): void;
  /**
   * Keeps no blanks any more, and is done when the threads have ended that were released: they finish what they accepted, for a thread ends with
   * its process.
   */
  settled(): Promise<void>;
}

/** Linux takes no longer name of a Unix socket. */
export const SOCKET_PATH_MAX = 107;
/** How long a process that was about to start when its supervisor died is looked for. */
const BIRTH_MS = 300;

/**
 * Makes the control of this machine's processes. They go on when the supervisor ends, and are found again by number, time of start and token.
 * What says `isolate: "thread"` runs in a worker thread of this process instead, and ends with it.
 * Linux only: it reads /proc. What the `component.yaml` of a program's folder asks for is done before and after each process.
 * @throws OrreryError `invalid_argument` when the folder's name is too long for sockets.
 */
export function createSystemControl(options: SystemControlOptions): SystemControl {
  const folder = resolve(options.folder);
  if (join(folder, `${"x".repeat(TOKEN_BYTES * 2)}.s`).length > SOCKET_PATH_MAX) {
    const text = `Cannot keep sockets in "${folder}": its name is too long for Unix sockets, choose a folder nearer to the root`;
    throw new OrreryError("invalid_argument", text);
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const { isolation } = options;
  const partsOf = (record: ProcessRecord): MachineParts => {
    const cage = (record.program as unknown as NodeProgram | null)?.cage; // What another version kept may have no program.
    const caged = cage && { ...cagedIn(isolation, record), cage, id: record.token };
    return { path: join(cage?.sockets ?? folder, `${record.token}.s`), ...(caged && { caged }) };
  };
  const tell = (line: string) => void (options.output === "ignore" || process.stderr.write(`${line}\n`));
  const works = createLifeWorks({
    folder,
    isolation,
    tell: (line, program) => tellIn(outputOf(program), line, options.onLine ?? tell),
  });
  const output = options.output ?? "inherit";
  const threads = createThreadControl({ output });
  const pools = {
    thread: new BlankPool({ start: threads.startBlank, startAnew: threads.spawn, later }),
    process: new BlankPool({
      start: () => startBlankProcess({ folder, output }),
      startAnew: (record, watch) => spawnChild(record, watch, { ...partsOf(record), output }),
      later,
    }),
  };
  const keepBlanks = ({ process = 0, thread = 0 }: Blanks) => {
    pools.process.keep(process);
    pools.thread.keep(thread);
  };
  keepBlanks(options.blanks ?? {});
  const poolOf = ({ isThread = false }: ProcessRecord) => pools[isThread ? "thread" : "process"];
  const control: ProcessControl = {
    prepare: (child, program) => {
      const isThread = (program as unknown as NodeProgram).isolate === "thread";
      const token = makeProcessToken();
      return { child, token, pid: 0, started: "", program, address: "", ...(isThread && { isThread }) };
    },
    spawn: (record, watch) => poolOf(record).spawn(record, watch),
    beginsLater: (record) => poolOf(record).hasFor(record),
    // A thread has ended with the process of its supervisor.
    find: async (record, watch) =>
      record.isThread === true ? { kind: "gone" } : await find(record, watch, partsOf(record)),
  };
  const settled = async () => {
    keepBlanks({});
    await threads.settled();
  };
  // Looked at twice: before anything is prepared, and when the process starts, which may be much later.
  const whole = withEnvFile(withEnvironment(withEnvFile(control), works));
  return { ...whole, keepBlanks, settled };
}

/** Calls back after a time; it holds no process up. */
function later(ms: number, does: () => void): { cancel(): void } {
  const timer = setTimeout(does, ms).unref();
  return { cancel: () => clearTimeout(timer) };
}

/** A start in a cage, or why there can be none: no process runs without. */
function enclosed(
  start: ProcessStart,
  { isolation, ...caged }: NonNullable<MachineParts["caged"]>,
): ProcessStart | string {
  try {
    return isolation.enclose(start, caged);
  } catch (error) {
    return `its cage cannot be made: ${messageOf(error)}`;
  }
}

/** @throws OrreryError `failed_precondition` where a program is to have a cage and there is none to be had */
function cagedIn(isolation: Isolation | undefined, { child }: ProcessRecord): { readonly isolation: Isolation } {
  if (isolation !== undefined) return { isolation };
  throw new OrreryError("failed_precondition", `Cannot start "${child}" in a cage: its supervisor has no isolation`);
}

function spawnChild(
  record: ProcessRecord,
  watch: ProcessWatch,
  { output, ...parts }: MachineParts & { readonly output: "inherit" | "ignore" },
): ControlledProcess {
  const { path, caged } = parts;
  const wanted = record.program as unknown as NodeProgram;
  const { file, args = [], execArgv = [], cwd } = wanted;
  const order: ChildOrder = { socket: path, token: record.token, program: record.program as JsonValue };
  const env = { ...variablesOf(wanted), [ORDER_VARIABLE]: JSON.stringify(order) };
  const plain: ProcessStart = { command: process.execPath, args: [...execArgv, file, ...args], env, cwd };
  const start = caged === undefined ? plain : enclosed(plain, caged);
  if (typeof start === "string") return new RefusedProcess(record, watch, start);
  const { outputs, close } = openOutputs(record.child, wanted, output);
  const child = spawn(start.command, start.args, {
    detached: true, // A session of its own: it outlives the supervisor and its terminal.
    stdio: ["ignore", ...outputs],
    env: start.env,
    ...(start.cwd === undefined ? {} : { cwd: start.cwd }),
  });
  close();
  const pid = child.pid ?? 0;
  return new MachineProcess({ ...record, pid, started: pid === 0 ? "" : startedOf(pid) }, watch, { ...parts, child });
}

async function find(record: ProcessRecord, watch: ProcessWatch, parts: MachineParts): Promise<Found> {
  let pid = record.pid === 0 ? pidWithToken(record.token) : record.pid;
  if (pid === 0) {
    await sleep(BIRTH_MS); // It may have been between its birth and its program.
    pid = pidWithToken(record.token);
  }
  const started = pid === 0 ? "" : startedOf(pid);
  const isOther = record.started !== "" && record.started !== started;
  const isOurs = started === "" || isOther ? false : hasToken(pid, record.token);
  if (isOurs === undefined)
    return { kind: "unknown", text: `process ${pid} has the number of "${record.child}" and does not show who it is` };
  if (!isOurs) {
    rmSync(parts.path, { force: true });
    const { caged } = parts;
    caged?.isolation.ended({ code: null, signal: "" }, caged);
    return { kind: "gone" };
  }
  return { kind: "running", process: new MachineProcess({ ...record, pid, started }, watch, parts) };
}
