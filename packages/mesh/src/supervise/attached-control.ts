import type { JsonValue } from "@orrery/core";
import type { Life } from "../environment/life.ts";
import type { ProcessExit, ProcessHandle, ProcessHost } from "../process-host.ts";
import type { FromProcess, ToProcess } from "../process-messages.ts";
import type { ControlledProcess, Measures, ProcessControl, ProcessRecord, ProcessWatch } from "./process-control.ts";

/** What an attached process loads; what it serves of that it is told later. */
export interface AttachedProgram {
  readonly paths: readonly string[];
  /** Folder from which paths are named. */
  readonly cwd: string;
}

/** Options of the control of attached processes. */
export interface AttachedControlOptions {
  readonly host: ProcessHost;
  /** Told what a process says, `failed` also when it was not even started. */
  readonly onMessage: (child: string, message: FromProcess) => void;
  /** What the machine tells of a process. Default: nothing, and then none is ever taken for ill. */
  readonly measure?: (pid: number) => Measures | undefined;
  /** What is done before each process of a program and after it. Default: nothing. */
  readonly lifeOf?: (program: AttachedProgram) => Life | undefined;
}

/** A control whose processes end with this one. */
export interface AttachedControl extends ProcessControl {
  /** Tells the process of a child something; where none runs it goes nowhere. */
  tell(child: string, message: ToProcess): void;
}

/** Nobody can tell whether a debugger holds it. */
const UNMEASURED: Measures = { debugged: true, processorMs: undefined, memoryBytes: undefined };
const ATTACHED = "attached";

/**
 * Makes the control of processes that hang on a line to this one and end when it is gone: a supervisor over it needs no state that outlives it,
 * and nothing of the machine but the host. Each is told to load its program; what it is to serve follows by `tell`.
 */
export function createAttachedControl(options: AttachedControlOptions): AttachedControl {
  const lives = new Map<string, Life | undefined>();
  const running = new Map<string, AttachedProcess>();
  return {
    prepare: (child, program) => {
      if (!lives.has(child)) lives.set(child, options.lifeOf?.(program as unknown as AttachedProgram));
      const record = { child, token: ATTACHED, pid: 0, started: "", program, address: "" };
      return lives.get(child) === undefined ? record : { ...record, life: ATTACHED };
    },
    spawn: (record, watch) => {
      const process = new AttachedProcess(record, { options, watch, life: lives.get(record.child) });
      running.set(record.child, process);
      process.start();
      return process;
    },
    find: () => Promise.resolve({ kind: "gone" }),
    tell: (child, message) => running.get(child)?.tell(message),
  };
}

interface AttachedParts {
  readonly options: AttachedControlOptions;
  readonly watch: ProcessWatch;
  readonly life: Life | undefined;
}

/** One attached process. I1: what its life began also ends, before its exit is told. I2: one that is to end before it began never begins. */
class AttachedProcess implements ControlledProcess {
  record: ProcessRecord;
  readonly #parts: AttachedParts;
  #handle: ProcessHandle | undefined;
  #address = "";
  #isEnding = false;

  constructor(record: ProcessRecord, parts: AttachedParts) {
    this.record = record;
    this.#parts = parts;
  }

  start(): void {
    const { life } = this.#parts;
    if (life === undefined) this.#run();
    else void this.#begin(life);
  }

  tell(message: ToProcess): void {
    this.#handle?.send(message);
  }

  ping(): void {
    this.tell({ kind: "ping" });
  }

  drain(timeoutMs: number): void {
    this.#isEnding = true;
    this.tell({ kind: "stop", timeoutMs });
  }

  signal(signal: "SIGTERM" | "SIGKILL"): void {
    this.#isEnding = true;
    this.#handle?.kill(signal);
  }

  measure(): Measures {
    const { options, life } = this.#parts;
    return { ...(options.measure?.(this.record.pid) ?? UNMEASURED), memoryBytesMax: life?.memoryBytesMax };
  }

  /** It ends by itself when this process does. */
  release(): void {}

  async #begin(life: Life): Promise<void> {
    const { watch } = this.#parts;
    const missing = await life.begin();
    if (missing === "" && !this.#isEnding) {
      this.#run();
      watch.advance?.(this.record, "starting");
      return;
    }
    await life.end(); // I1
    if (!this.#isEnding) this.#hear({ kind: "failed", code: "failed_precondition", text: missing, retry: false });
    watch.exit({ code: null, signal: "", unmet: !this.#isEnding }); // I2
  }

  #run(): void {
    const { options, watch, life } = this.#parts;
    const handle = options.host.start();
    this.#handle = handle;
    this.record = { ...this.record, pid: handle.pid };
    handle.onPid?.(() => {
      this.record = { ...this.record, pid: handle.pid };
      watch.advance?.(this.record, undefined);
    });
    handle.onMessage((message) => this.#hear(message as FromProcess));
    handle.onExit((exit: ProcessExit) => {
      this.#handle = undefined;
      if (life === undefined) watch.exit(exit);
      else void this.#clean(life, exit);
    });
    this.tell({ kind: "load", ...(this.record.program as JsonValue as unknown as AttachedProgram) });
  }

  async #clean(life: Life, exit: ProcessExit): Promise<void> {
    const { watch } = this.#parts;
    watch.gone?.(exit);
    await life.end(); // I1
    watch.exit(exit);
  }

  #hear(message: FromProcess): void {
    const { options, watch } = this.#parts;
    if (message.kind === "pong") watch.pong();
    if (message.kind === "bound") this.#address = message.address;
    if (message.kind === "failed") watch.failed(message.text);
    if (message.kind === "ready") watch.ready(this.#address);
    options.onMessage(this.record.child, message);
  }
}
