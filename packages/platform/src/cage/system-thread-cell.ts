import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { Cell, CellOrder, CellReply } from "./cell.ts";
import { GuestFault } from "./guest-fault.ts";
import { loadEngineModule } from "./system-engine-file.ts";
import type { FromThread, ToThread } from "./thread-messages.ts";

const FROM_SOURCE = import.meta.url.endsWith(".ts");
/** Bounds of what V8 keeps for a thread: guests have no part in its heap, what runs them needs little. */
const RESOURCES = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8, stackSizeMb: 4 };

interface Settling<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (fault: GuestFault) => void;
}

/** Starts a thread that waits for code. */
export function createThreadCell(): Cell {
  return new ThreadCell();
}

/** Owns: a worker thread. I1: what is open ends once, by an answer, by a fault, or with the thread. */
class ThreadCell implements Cell {
  readonly #worker: Worker;
  #order: CellOrder | undefined;
  #loading: Settling<void> | undefined;
  #handling: Settling<CellReply> | undefined;
  #thread: number | undefined;
  #runs = false;
  #end: GuestFault | undefined;
  /** What the thread had taken of the processor at its last answer. */
  #cpuBefore = 0;
  /** What it took after that, once it has ended. */
  #cpuAtEnd: number | undefined;

  constructor() {
    const entry = new URL(FROM_SOURCE ? "../guest-thread.ts" : "./guest-thread.js", import.meta.url);
    this.#worker = new Worker(entry, {
      resourceLimits: RESOURCES,
      env: {},
      execArgv: FROM_SOURCE ? ["--conditions=source"] : [],
      stdin: false,
    });
    this.#worker.on("message", (message: FromThread) => this.#hear(message));
    this.#worker.on("error", (error: NodeJS.ErrnoException) => {
      const isMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
      this.#endWith(new GuestFault(isMemory ? "memory" : "trapped", error.message));
    });
    this.#worker.on("exit", () => this.#endWith(new GuestFault("trapped", "its thread ended")));
    this.#worker.unref();
  }

  async load(order: CellOrder): Promise<void> {
    this.#order = order;
    const { code, bounds, seed } = order;
    const engine = code.kind === "script" ? await loadEngineModule() : undefined;
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#end);
      this.#loading = { resolve, reject };
      this.#worker.ref();
      if (code.kind === "wasm") {
        this.#post({ kind: "load", code: { kind: "wasm", source: code.compiled ?? code.bytes }, bounds, seed });
      } else if (engine !== undefined) {
        this.#post({ kind: "load", code: { kind: "script", text: code.text, engine }, bounds, seed });
      }
    });
  }

  handle(request: Uint8Array): Promise<CellReply> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#end);
      this.#handling = { resolve, reject };
      this.#worker.ref();
      this.#post({ kind: "handle", request });
    });
  }

  cpuMs(): number | undefined {
    if (this.#end !== undefined) return this.#cpuAtEnd;
    if (this.#thread === undefined) return this.#runs ? undefined : 0;
    try {
      const [taken] = readFileSync(`/proc/self/task/${this.#thread}/schedstat`, "utf8").split(" ");
      return Math.max(0, Number(taken) / 1e6 - this.#cpuBefore);
    } catch {
      return undefined;
    }
  }

  kill(): void {
    this.#cpuAtEnd ??= this.cpuMs();
    this.#endWith(new GuestFault("killed", "it was stopped"));
    void this.#worker.terminate();
  }

  #post(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromThread): void {
    if (this.#end !== undefined) return; // I1
    switch (message.kind) {
      case "runs":
        this.#runs = true;
        this.#thread = message.thread;
        if (this.#order === undefined) this.#cpuBefore = message.cpuMs; // Else it is the first code's, in part.
        return;
      case "loaded":
        if (this.#order?.code.kind === "wasm") this.#order.code.compiled ??= message.compiled;
        this.#cpuBefore = message.cpuMs;
        this.#settle((open) => open.resolve());
        return;
      case "replied":
        this.#settle(undefined, (open) => open.resolve({ reply: message.reply, cpuMs: this.#spent(message.cpuMs) }));
        return;
      case "failed":
        this.#cpuAtEnd = this.#spent(message.cpuMs);
        this.#endWith(new GuestFault(message.fault, message.why));
        return;
      case "call":
        void this.#order?.ports.call(message.request).then((reply) => {
          if (this.#end === undefined) this.#post({ kind: "answer", id: message.id, reply });
        });
        return;
      case "log":
        this.#order?.ports.log(message.level, message.text);
    }
  }

  /** What was taken since the last answer; from here on, it is the last. */
  #spent(cpuMs: number): number {
    const spent = cpuMs - this.#cpuBefore;
    this.#cpuBefore = cpuMs;
    return spent;
  }

  #endWith(fault: GuestFault): void {
    if (this.#end !== undefined) return;
    this.#end = fault;
    this.#settle(
      (open) => open.reject(fault),
      (open) => open.reject(fault),
    );
  }

  #settle(load?: (open: Settling<void>) => void, handle?: (open: Settling<CellReply>) => void): void {
    const [loading, handling] = [this.#loading, this.#handling];
    if (load !== undefined && loading !== undefined) {
      this.#loading = undefined;
      load(loading);
    }
    if (handle !== undefined && handling !== undefined) {
      this.#handling = undefined;
      handle(handling);
    }
    this.#worker.unref();
  }
}
