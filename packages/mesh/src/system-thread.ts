import { readlinkSync } from "node:fs";
import { isMainThread, parentPort, threadId, Worker, workerData } from "node:worker_threads";
import type { JsonValue } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import type { ProcessExit, ProcessHandle } from "./process-host.ts";
import { COMPILED } from "./system-compiled.ts";

/** What a worker thread of this process runs. */
export interface ThreadStart {
  /** For people. */
  readonly name: string;
  /** Absolute path of its file. */
  readonly file: string;
  readonly args?: readonly string[];
  /** Options of Node that a thread may have. */
  readonly execArgv?: readonly string[];
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the file is to do; it finds it as `data` of its line. */
  readonly data?: JsonValue;
  /** Whether it writes where this process does, or nowhere. Default: inherit. */
  readonly output?: "inherit" | "ignore";
}

/** A thread's line to the one that started it. */
export interface ThreadLine {
  readonly data: unknown;
  send(message: object): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Calls back when it is asked to end, as a process is by SIGTERM. */
  onTerminate(listener: () => void): void;
  /** Lets the thread end while nothing but the line is left. */
  unref(): void;
}

/** In `workerData`: a component may start threads of its own, which are none of ours. */
interface Order {
  readonly orrery: { readonly data: JsonValue };
}

type ToThread = { readonly kind: "said"; readonly message: unknown } | { readonly kind: "terminate" };
type FromThread = { readonly kind: "said"; readonly message: unknown } | { readonly kind: "runs"; readonly id: number };

/** Starts a worker thread of this process. What cannot be started tells its exit. */
export function startThread(program: ThreadStart): ProcessHandle {
  return new WorkerThread(program);
}

/** Owns: its thread. I1: its exit is told once, and never within the call that made it. */
class WorkerThread implements ProcessHandle {
  pid = 0;
  readonly #worker: Worker | undefined;
  readonly #name: string;
  readonly #isHeard: boolean;
  #isKilled = false;
  #onExit: ((exit: ProcessExit) => void) | undefined;
  #onMessage: ((message: unknown) => void) | undefined;
  #onPid: (() => void) | undefined;

  constructor(program: ThreadStart) {
    this.#name = program.name;
    this.#isHeard = program.output !== "ignore";
    this.#worker = this.#begin(program);
    this.#worker?.on("message", (message: FromThread) => this.#hear(message));
    this.#worker?.once("error", (error) => this.#complain(error));
    this.#worker?.once("exit", (code) => {
      this.#onExit?.(this.#isKilled ? { code: null, signal: "SIGKILL" } : { code, signal: "" });
    });
  }

  send(message: object): void {
    this.#post({ kind: "said", message });
  }

  kill(signal: "SIGTERM" | "SIGKILL"): void {
    if (signal === "SIGTERM") {
      this.#post({ kind: "terminate" });
      return;
    }
    this.#isKilled = true;
    void this.#worker?.terminate();
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#onMessage = listener;
  }

  onPid(listener: () => void): void {
    this.#onPid = listener;
  }

  onExit(listener: (exit: ProcessExit) => void): void {
    this.#onExit = listener;
    if (this.#worker === undefined) queueMicrotask(() => listener({ code: 1, signal: "" })); // I1
  }

  #begin({ file, args = [], execArgv = [], env = {}, data = null, output }: ThreadStart): Worker | undefined {
    const order: Order = { orrery: { data } };
    try {
      const worker = new Worker(file, {
        argv: [...args],
        execArgv: [...execArgv],
        env: { ...COMPILED, ...process.env, ...env },
        workerData: order,
        stdout: output === "ignore",
        stderr: output === "ignore",
      });
      if (output === "ignore") {
        worker.stdout.resume();
        worker.stderr.resume();
      }
      return worker;
    } catch (error) {
      this.#complain(error);
      return undefined;
    }
  }

  #hear(message: FromThread): void {
    if (message.kind === "said") {
      this.#onMessage?.(message.message);
      return;
    }
    this.pid = message.id;
    this.#onPid?.();
  }

  #post(message: ToThread): void {
    this.#worker?.postMessage(message);
  }

  /** A process prints what it dies of; so does a thread. */
  #complain(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
    if (this.#isHeard) process.stderr.write(`Thread "${this.#name}" ends: ${text}\n`);
  }
}

/** The line of this thread to the one that started it; undefined in a process, and in threads that are none of ours. */
export function threadLine(): ThreadLine | undefined {
  const order = workerData as Partial<Order> | null;
  if (isMainThread || parentPort === null || order?.orrery === undefined) return undefined;
  const port = parentPort;
  let onMessage: ((message: unknown) => void) | undefined;
  let onTerminate: (() => void) | undefined;
  const early: unknown[] = [];
  const post = (message: FromThread) => port.postMessage(message);
  port.on("message", (message: ToThread) => {
    if (message.kind === "terminate") onTerminate?.();
    else if (onMessage === undefined) early.push(message.message);
    else onMessage(message.message);
  });
  post({ kind: "runs", id: ownThread() });
  return {
    data: order.orrery.data,
    send: (message) => post({ kind: "said", message }),
    onMessage(listener) {
      onMessage = listener;
      for (const message of early.splice(0)) listener(message);
    },
    onTerminate(listener) {
      onTerminate = listener;
    },
    unref: () => port.unref(),
  };
}

/** Number of this thread: the machine's, which counts threads and processes together, where it tells; else Node's. */
export function ownThread(): number {
  try {
    return Number(readlinkSync("/proc/thread-self").split("/").at(-1));
  } catch {
    return threadId;
  }
}

/** What tells this process, or this thread of it, apart from all others of this machine that run. */
export function ownId(): string {
  return isMainThread ? `${process.pid}` : `${process.pid}-${threadId}`;
}
