import { readlinkSync } from "node:fs";
import { isMainThread, type MessagePort, parentPort, threadId, Worker, workerData } from "node:worker_threads";
import type { JsonValue } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import type { ProcessExit, ProcessHandle } from "./process-host.ts";
import { COMPILED } from "./system-compiled.ts";
import { replaceVariables } from "./system-variables.ts";

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
  /** Whether it is to wait until it is told what to do. It does not hold its process up meanwhile. Default: false. */
  readonly isBlank?: boolean;
}

/** What a blank thread is told that is to do something. */
export interface ThreadOrder {
  readonly name: string;
  readonly data: JsonValue;
  /** All variables that it has from now on. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** A thread that was started, as its process sees it. */
export interface ThreadHandle extends ProcessHandle {
  onPid(listener: () => void): void;
  /** Tells a blank what it is to do; it calls back when it has heard. */
  tell(order: ThreadOrder, onTold: () => void): void;
}

/** A thread's line to the one that started it. */
export interface ThreadLine {
  /** Null until a blank was told. */
  readonly data: unknown;
  readonly isBlank: boolean;
  /** Done when it has been told what to do, which is at once where it is no blank. */
  whenTold(): Promise<void>;
  send(message: object): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Calls back when it is asked to end, as a process is by SIGTERM. */
  onTerminate(listener: () => void): void;
  /** Lets the thread end while nothing but the line is left. */
  unref(): void;
}

/** In `workerData`: a component may start threads of its own, which are none of ours. */
interface Order {
  readonly orrery: { readonly data: JsonValue; readonly isBlank: boolean };
}

type ToThread =
  | { readonly kind: "said"; readonly message: unknown }
  | { readonly kind: "terminate" }
  | ({ readonly kind: "told" } & Pick<ThreadOrder, "data" | "variables">);
type FromThread =
  | { readonly kind: "said"; readonly message: unknown }
  | { readonly kind: "runs"; readonly id: number }
  | { readonly kind: "told" };

/** Starts a worker thread of this process. What cannot be started tells its exit. */
export function startThread(program: ThreadStart): ThreadHandle {
  return new WorkerThread(program);
}

/** Owns: its thread. I1: its exit is told once, and never within the call that made it. */
class WorkerThread implements ThreadHandle {
  pid = 0;
  readonly #worker: Worker | undefined;
  #name: string;
  readonly #isHeard: boolean;
  #isKilled = false;
  #onExit: ((exit: ProcessExit) => void) | undefined;
  #onMessage: ((message: unknown) => void) | undefined;
  #onPid: (() => void) | undefined;
  #onTold: (() => void) | undefined;

  constructor(program: ThreadStart) {
    this.#name = program.name;
    this.#isHeard = program.output !== "ignore";
    this.#worker = this.#begin(program);
    this.#worker?.on("message", (message: FromThread) => this.#hear(message));
    this.#worker?.once("error", (error) => this.#complain(error));
    this.#worker?.once("exit", (code) => {
      this.#onExit?.(this.#isKilled ? { code: null, signal: "SIGKILL" } : { code, signal: "" });
    });
    // Listening to it, and reading what it writes, would hold the process up again.
    if (program.isBlank === true) this.#worker?.unref();
    else this.#readIgnored();
  }

  send(message: object): void {
    this.#post({ kind: "said", message });
  }

  tell({ name, data, variables }: ThreadOrder, onTold: () => void): void {
    this.#name = name;
    this.#onTold = onTold;
    this.#worker?.ref();
    this.#readIgnored();
    this.#post({ kind: "told", data, variables });
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

  /** What nobody hears must be read anyway. */
  #readIgnored(): void {
    if (this.#isHeard) return;
    this.#worker?.stdout.resume();
    this.#worker?.stderr.resume();
  }

  #begin(program: ThreadStart): Worker | undefined {
    const { file, args = [], execArgv = [], env = {}, data = null, output, isBlank = false } = program;
    const order: Order = { orrery: { data, isBlank } };
    try {
      const worker = new Worker(file, {
        argv: [...args],
        execArgv: [...execArgv],
        env: { ...COMPILED, ...process.env, ...env },
        workerData: order,
        stdout: output === "ignore",
        stderr: output === "ignore",
      });
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
    if (message.kind === "told") {
      this.#onTold?.();
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
  return new PortLine(parentPort, order.orrery);
}

/** I1: what is said before anybody listens is kept for who does. */
class PortLine implements ThreadLine {
  readonly isBlank: boolean;
  data: unknown;
  readonly #port: MessagePort;
  readonly #told = Promise.withResolvers<void>();
  readonly #early: unknown[] = [];
  #onMessage: ((message: unknown) => void) | undefined;
  #onTerminate: (() => void) | undefined;

  constructor(port: MessagePort, { data, isBlank }: Order["orrery"]) {
    this.#port = port;
    this.data = data;
    this.isBlank = isBlank;
    if (!isBlank) this.#told.resolve();
    port.on("message", (message: ToThread) => this.#hear(message));
    this.#post({ kind: "runs", id: ownThread() });
  }

  whenTold(): Promise<void> {
    return this.#told.promise;
  }

  send(message: object): void {
    this.#post({ kind: "said", message });
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#onMessage = listener;
    for (const message of this.#early.splice(0)) listener(message); // I1
  }

  onTerminate(listener: () => void): void {
    this.#onTerminate = listener;
  }

  unref(): void {
    this.#port.unref();
  }

  #hear(message: ToThread): void {
    switch (message.kind) {
      case "terminate":
        this.#onTerminate?.();
        return;
      case "told":
        this.#post({ kind: "told" });
        this.data = message.data;
        replaceVariables(message.variables);
        this.#told.resolve();
        return;
      case "said":
        if (this.#onMessage === undefined)
          this.#early.push(message.message); // I1
        else this.#onMessage(message.message);
    }
  }

  #post(message: FromThread): void {
    this.#port.postMessage(message);
  }
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
