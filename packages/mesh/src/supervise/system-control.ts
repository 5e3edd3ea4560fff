import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type JsonValue, OrreryError } from "@orrery/core";
import { withEnvironment } from "../environment/environment-control.ts";
import { createLifeWorks } from "../environment/system-life-works.ts";
import type { Isolate } from "../isolate.ts";
import { COMPILED } from "../system-compiled.ts";
import { type ChildOrder, type FromChild, ORDER_VARIABLE, onLines, writeLine } from "./child-lines.ts";
import { hasToken, measuresOf, pidWithToken, startedOf } from "./proc-files.ts";
import type {
  ControlledProcess,
  Found,
  Measures,
  ProcessControl,
  ProcessRecord,
  ProcessWatch,
} from "./process-control.ts";
import { createThreadControl } from "./system-thread-control.ts";

/** What a child of this machine runs: a program of Node that calls `joinSupervisor`. */
export interface NodeProgram {
  /** Absolute path of its file. */
  readonly file: string;
  /** Whether it has a process of its own, or a worker thread of the supervisor's. Default: process. */
  readonly isolate?: Isolate;
  readonly args?: readonly string[];
  /** Options of Node, such as `--max-old-space-size=200`, which no thread may have. */
  readonly execArgv?: readonly string[];
  /** Variables beside the supervisor's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working folder; threads have the supervisor's. Default: the supervisor's. */
  readonly cwd?: string;
  /** Folder whose `component.yaml` says what it needs. Default: those of `paths`, where it has some; else none. */
  readonly environment?: string;
  /** What the file is to do; it finds it as `program` of its line. */
  readonly [more: string]: unknown;
}

/** Options of the machine's control. */
export interface SystemControlOptions {
  /** Folder for the sockets of children, which only the user may enter. */
  readonly folder: string;
  /** Whether children write where the supervisor does, or nowhere. Default: inherit. */
  readonly output?: "inherit" | "ignore";
  /** Told what commands around the life of children print, and what ails them. Default: written as `output` says. */
  readonly onLine?: (line: string) => void;
}

/** A control of this machine's processes, and of threads of this process. */
export interface SystemControl extends ProcessControl {
  /** Done when the threads have ended that were released: they finish what they accepted, for a thread ends with its process. */
  settled(): Promise<void>;
}

/** Linux takes no longer name of a Unix socket. */
const SOCKET_PATH_MAX = 107;
const TOKEN_BYTES = 16;
/** How often a connection to a child is tried again; one that is starting is waited for, by callers too. */
const CONNECT_AGAIN_MS = 20;
const CONNECT_SOON_MS = 4;
/** How long a child counts as starting in this. */
const STARTING_MS = 2_000;
/** How often a connected child is looked at, whether it still is who it was. */
const LOOK_AGAIN_MS = 100;
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
  const pathOf = ({ token }: ProcessRecord) => join(folder, `${token}.s`);
  const tell = (line: string) => void (options.output === "ignore" || process.stderr.write(`${line}\n`));
  const works = createLifeWorks({ folder, tell: options.onLine ?? tell });
  const output = options.output ?? "inherit";
  const threads = createThreadControl({ output });
  const control: ProcessControl = {
    prepare: (child, program) => {
      const token = randomBytes(TOKEN_BYTES).toString("hex");
      const isThread = (program as unknown as NodeProgram).isolate === "thread";
      return { child, token, pid: 0, started: "", program, address: "", ...(isThread && { isThread }) };
    },
    spawn: (record, watch) =>
      record.isThread === true
        ? threads.spawn(record, watch)
        : spawnChild(record, watch, { path: pathOf(record), output }),
    // A thread has ended with the process of its supervisor.
    find: async (record, watch) =>
      record.isThread === true ? { kind: "gone" } : await find(record, watch, pathOf(record)),
  };
  return { ...withEnvironment(control, works), settled: () => threads.settled() };
}

function spawnChild(
  record: ProcessRecord,
  watch: ProcessWatch,
  { path, output }: { path: string; output: "inherit" | "ignore" },
): ControlledProcess {
  const { file, args = [], execArgv = [], env = {}, cwd } = record.program as unknown as NodeProgram;
  const order: ChildOrder = { socket: path, token: record.token, program: record.program as JsonValue };
  const child = spawn(process.execPath, [...execArgv, file, ...args], {
    detached: true, // A session of its own: it outlives the supervisor and its terminal.
    stdio: ["ignore", output, output],
    env: { ...COMPILED, ...process.env, ...env, [ORDER_VARIABLE]: JSON.stringify(order) },
    ...(cwd === undefined ? {} : { cwd }),
  });
  const pid = child.pid ?? 0;
  return new MachineProcess({ ...record, pid, started: pid === 0 ? "" : startedOf(pid) }, watch, { path, child });
}

async function find(record: ProcessRecord, watch: ProcessWatch, path: string): Promise<Found> {
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
    rmSync(path, { force: true });
    return { kind: "gone" };
  }
  return {
    kind: "running",
    process: new MachineProcess({ ...record, pid, started }, watch, { path, child: undefined }),
  };
}

/**
 * One process of this machine. Owns: the connection to it. I1: it is signalled only while the process of its number started when it did.
 * I2: its exit is told once, and never within the call that made it. I3: at most one ping is under way.
 */
class MachineProcess implements ControlledProcess {
  readonly record: ProcessRecord;
  readonly #watch: ProcessWatch;
  readonly #path: string;
  #socket: Socket | undefined;
  readonly #bornMs = performance.now();
  #isGreeted = false;
  #isPinging = false;
  #isOver = false;
  #again: ReturnType<typeof setTimeout> | undefined;
  #drainMs: number | undefined;

  constructor(record: ProcessRecord, watch: ProcessWatch, from: { path: string; child: ChildProcess | undefined }) {
    this.record = record;
    this.#watch = watch;
    this.#path = from.path;
    from.child?.unref();
    from.child?.once("error", () => this.#exit({ code: 127, signal: "" })); // I2
    from.child?.once("exit", (code, signal) => this.#exit({ code, signal: signal ?? "" }));
    if (record.pid !== 0) this.#keepConnected(from.child === undefined);
  }

  ping(): void {
    if (!this.#isGreeted || this.#isPinging) return;
    this.#isPinging = true; // I3
    writeLine(this.#socket, { kind: "ping" });
  }

  drain(timeoutMs: number): void {
    this.#drainMs = timeoutMs;
    if (this.#isGreeted) writeLine(this.#socket, { kind: "drain", timeoutMs });
  }

  signal(signal: "SIGTERM" | "SIGKILL"): void {
    const { pid, started } = this.record;
    if (this.#isOver || pid === 0 || started === "" || startedOf(pid) !== started) return; // I1
    try {
      process.kill(pid, signal);
    } catch {
      // It ended in between.
    }
  }

  measure(): Measures | undefined {
    return measuresOf(this.record.pid);
  }

  release(): void {
    this.#isOver = true;
    clearTimeout(this.#again);
    this.#socket?.destroy();
  }

  /** Connects as soon as the child listens, and again; the number of one that is no child of ours is looked at meanwhile. */
  #keepConnected(isAdopted: boolean): void {
    if (this.#isOver) return;
    if (isAdopted && startedOf(this.record.pid) !== this.record.started) {
      this.#again = setTimeout(() => this.#exit({ code: null, signal: "" }), 0); // I2
      return;
    }
    if (this.#socket === undefined) this.#connect();
    const soonMs = performance.now() - this.#bornMs < STARTING_MS ? CONNECT_SOON_MS : CONNECT_AGAIN_MS;
    this.#again = setTimeout(() => this.#keepConnected(isAdopted), this.#isGreeted ? LOOK_AGAIN_MS : soonMs);
  }

  #connect(): void {
    const socket = createConnection(this.#path);
    this.#socket = socket;
    socket.once("connect", () => writeLine(socket, { kind: "hello", token: this.record.token }));
    onLines(socket, (line) => this.#hear(line as FromChild));
    socket.once("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
      this.#isGreeted = false;
      this.#isPinging = false;
    });
  }

  #hear(message: FromChild): void {
    if (this.#isOver) return;
    if (message.kind === "hello") {
      this.#isGreeted = message.token === this.record.token && message.pid === this.record.pid;
      if (this.#isGreeted && this.#drainMs !== undefined) this.drain(this.#drainMs);
    }
    if (!this.#isGreeted) return;
    if (message.kind === "pong") {
      this.#isPinging = false;
      this.#watch.pong(message.report);
    }
    if (message.kind === "told") this.#watch.told?.(message.news);
    if (message.kind === "ready") this.#watch.ready(String(message.address));
    if (message.kind === "failed") this.#watch.failed(String(message.text));
  }

  #exit(status: { code: number | null; signal: string }): void {
    if (this.#isOver) return;
    this.release();
    rmSync(this.#path, { force: true });
    this.#watch.exit(status);
  }
}
