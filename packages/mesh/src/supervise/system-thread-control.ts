import type { JsonValue } from "@orrery/core";
import { startThread, type ThreadHandle } from "../system-thread.ts";
import type { Blank } from "./blanks.ts";
import type { FromChild, ToChild } from "./child-lines.ts";
import { DRAIN_MS } from "./limits.ts";
import type { NodeProgram } from "./node-program.ts";
import { threadMeasuresOf } from "./proc-files.ts";
import type { ControlledProcess, Measures, ProcessRecord, ProcessWatch } from "./process-control.ts";
import { hasSameStart } from "./start-variables.ts";
import { entryProgram, isEntry } from "./system-door.ts";
import { variablesOf } from "./system-start-variables.ts";

/** Threads of this process, as children of a supervisor. */
export interface ThreadControl {
  /** Starts one. What cannot be started tells its exit. */
  spawn(record: ProcessRecord, watch: ProcessWatch): ControlledProcess;
  /** Starts one that loads what serves components, and waits. */
  startBlank(): Blank;
  /** Done when those have ended that were released. */
  settled(): Promise<void>;
}

/** Makes the control of threads, which run as long as this process at most: what is released finishes what it accepted, and ends. */
export function createThreadControl({ output }: { readonly output: "inherit" | "ignore" }): ThreadControl {
  const released = new Set<Promise<void>>();
  const onRelease = (ended: Promise<void>) => void released.add(ended);
  return {
    spawn(record, watch) {
      const { file, args, execArgv, env } = record.program as unknown as NodeProgram;
      const handle = startThread({
        ...{ name: record.child, file, output, data: record.program },
        ...(args && { args }),
        ...(execArgv && { execArgv }),
        ...(env && { env }),
      });
      return new ThreadChild(record, { watch, handle, onRelease });
    },
    startBlank: () => new BlankThread({ output, onRelease }),
    settled: async () => void (await Promise.all(released)),
  };
}

/** A thread of this process that waits. */
class BlankThread implements Blank {
  readonly #handle: ThreadHandle;
  readonly #variables = variablesOf();
  readonly #onRelease: ThreadParts["onRelease"];
  #onEnd: (() => void) | undefined;
  #hasEnded = false;

  constructor({ output, onRelease }: { readonly output: "inherit" | "ignore" } & Pick<ThreadParts, "onRelease">) {
    this.#handle = startThread({ ...entryProgram(), name: "blank", output, isBlank: true });
    this.#onRelease = onRelease;
    this.#handle.onExit(() => {
      this.#hasEnded = true;
      this.#onEnd?.();
    });
  }

  suits({ program }: ProcessRecord): boolean {
    const wanted = program as unknown as NodeProgram;
    return !this.#hasEnded && isEntry(wanted) && hasSameStart(this.#variables, variablesOf(wanted));
  }

  become(record: ProcessRecord, watch: ProcessWatch, onTaken: () => void): ControlledProcess {
    const handle = this.#handle;
    const { child: name, program: data } = record;
    const order = { name, data, variables: variablesOf(data as unknown as NodeProgram) };
    queueMicrotask(() => handle.tell(order, onTaken));
    return new ThreadChild({ ...record, pid: handle.pid }, { watch, handle, onRelease: this.#onRelease });
  }

  onEnd(listener: () => void): void {
    this.#onEnd = listener;
  }

  end(): void {
    this.#handle.kill("SIGKILL");
  }
}

interface ThreadParts {
  readonly watch: ProcessWatch;
  readonly handle: ThreadHandle;
  readonly onRelease: (ended: Promise<void>) => void;
}

/** What a thread tells beside what a process does: nobody else can measure its memory. */
export type FromThreadChild = FromChild | { readonly kind: "holds"; readonly memoryBytes: number };

/** One thread of this process. I1: once released, nothing is told of it. I2: at most one ping is under way. */
class ThreadChild implements ControlledProcess {
  record: ProcessRecord;
  readonly #parts: ThreadParts;
  readonly #ended = Promise.withResolvers<void>();
  #isPinging = false;
  #isReleased = false;
  #memoryBytes: number | undefined;

  constructor(record: ProcessRecord, parts: ThreadParts) {
    this.record = record;
    this.#parts = parts;
    const { handle, watch } = parts;
    handle.onPid(() => {
      this.record = { ...this.record, pid: handle.pid };
      if (!this.#isReleased) watch.advance?.(this.record, undefined);
    });
    handle.onMessage((message) => this.#hear(message as FromThreadChild));
    handle.onExit((status) => {
      this.#ended.resolve();
      if (!this.#isReleased) watch.exit(status);
    });
  }

  ping(): void {
    if (this.#isPinging) return;
    this.#isPinging = true; // I2
    this.#say({ kind: "ping" });
  }

  drain(timeoutMs: number): void {
    this.#say({ kind: "drain", timeoutMs });
  }

  signal(signal: "SIGTERM" | "SIGKILL"): void {
    this.#parts.handle.kill(signal);
  }

  measure(): Measures {
    return { ...threadMeasuresOf(this.record.pid), memoryBytes: this.#memoryBytes };
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true; // I1
    this.drain(DRAIN_MS);
    const late = setTimeout(() => this.signal("SIGKILL"), DRAIN_MS);
    this.#parts.onRelease(this.#ended.promise.finally(() => clearTimeout(late)));
  }

  #say(message: ToChild): void {
    this.#parts.handle.send(message);
  }

  #hear(message: FromThreadChild): void {
    const { watch } = this.#parts;
    if (this.#isReleased) return;
    switch (message.kind) {
      case "holds":
        this.#memoryBytes = message.memoryBytes;
        return;
      case "pong":
        this.#isPinging = false;
        watch.pong(message.report);
        return;
      case "told":
        watch.told?.(message.news as JsonValue);
        return;
      case "ready":
        watch.ready(message.address);
        return;
      case "failed":
        watch.failed(message.text);
        return;
      case "hello": // Nobody else can be at the other end.
    }
  }
}
