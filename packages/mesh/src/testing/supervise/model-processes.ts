import type { Clock, JsonValue, Timer } from "@orrery/core";
import type {
  ControlledProcess,
  ExitStatus,
  Found,
  ProcessControl,
  ProcessRecord,
  ProcessWatch,
} from "../../supervise/process-control.ts";
import type { StateStore, SuperviseState } from "../../supervise/state-store.ts";

/** How a modelled process behaves; all of it may change while it runs. */
export interface ModelBehaviour {
  /** Time from its start until it is ready; infinite for never. */
  startMs: number;
  /** Time that it takes to end once it drains. */
  drainMs: number;
  /** Code with which it ends as soon as it would be ready; undefined goes on. */
  exitCode: number | undefined;
}

/** A process of a machine that exists only in memory. */
export class ModelProcess {
  readonly record: ProcessRecord;
  readonly behaviour: ModelBehaviour;
  readonly signals: string[] = [];
  alive = true;
  isFrozen = false;
  isSpinning = false;
  isDebugged = false;
  /** Whether the machine cannot tell who it is. */
  isVeiled = false;
  isReady = false;
  memoryBytes = 1024 * 1024;
  watch: ProcessWatch | undefined;
  readonly #clock: Clock;
  readonly #bornMs: number;
  readonly #timers: Timer[] = [];
  readonly #onEnd: (process: ModelProcess) => void;

  constructor(record: ProcessRecord, behaviour: ModelBehaviour, clock: Clock, onEnd: (process: ModelProcess) => void) {
    this.record = record;
    this.behaviour = behaviour;
    this.#clock = clock;
    this.#bornMs = clock.monotonic();
    this.#onEnd = onEnd;
    if (Number.isFinite(behaviour.startMs)) this.#later(behaviour.startMs, () => this.#becomeReady());
  }

  get isDeaf(): boolean {
    return this.isFrozen || this.isSpinning;
  }

  get address(): string {
    return `model:${this.record.pid}`;
  }

  ping(): void {
    if (!this.isDeaf) this.#later(1, () => !this.isDeaf && this.watch?.pong());
  }

  /** Tells its supervisor something unasked. */
  tell(news: JsonValue): void {
    if (!this.isDeaf && this.alive) this.#later(1, () => this.watch?.told?.(news));
  }

  drain(): void {
    if (!this.isDeaf) this.isReady = false;
    if (!this.isDeaf) this.#later(this.behaviour.drainMs, () => !this.isDeaf && this.end({ code: 0, signal: "" }));
  }

  signal(name: "SIGTERM" | "SIGKILL"): void {
    if (!this.alive) return;
    this.signals.push(name);
    // As a real one: it hears SIGTERM in its event loop, and ends by itself.
    if (name === "SIGKILL") this.end({ code: null, signal: name });
    else this.drain();
  }

  processorMs(): number {
    return this.isSpinning ? this.#clock.monotonic() - this.#bornMs : 0;
  }

  /** It ends, and who watches is told a little later. */
  end(status: ExitStatus): void {
    if (!this.alive) return;
    this.alive = false;
    for (const timer of this.#timers) timer.cancel();
    this.#onEnd(this);
    this.#clock.timer(1, () => this.watch?.exit(status));
  }

  #becomeReady(): void {
    if (this.isDeaf) return;
    const { exitCode } = this.behaviour;
    if (exitCode !== undefined) {
      this.end({ code: exitCode, signal: "" });
      return;
    }
    this.isReady = true;
    this.watch?.ready(this.address);
  }

  #later(ms: number, fire: () => void): void {
    if (this.alive) this.#timers.push(this.#clock.timer(ms, fire));
  }
}

/** A machine whose processes exist only in memory, under any clock. Outlives the supervisors that use it. */
export class ModelMachine {
  readonly processes: ModelProcess[] = [];
  /** Starts and ends in their order, such as `+a` and `-a`. */
  readonly log: string[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The running process of a child; the last one when none runs. */
  of(child: string): ModelProcess {
    const all = this.processes.filter(({ record }) => record.child === child);
    const found = all.find(({ alive }) => alive) ?? all.at(-1);
    if (found === undefined) throw new Error(`No process was started for ${child}`);
    return found;
  }

  running(child: string): readonly ModelProcess[] {
    return this.processes.filter(({ record, alive }) => alive && record.child === child);
  }

  /** A control for one supervisor. */
  control(): ProcessControl {
    return {
      prepare: (child, program) => this.#prepare(child, program),
      spawn: (record, watch) => this.#spawn(record, watch),
      find: async (record, watch) => this.#find(record, watch),
    };
  }

  #prepare(child: string, program: JsonValue): ProcessRecord {
    return { child, token: `t${this.processes.length + 1}`, pid: 0, started: "", program, address: "" };
  }

  #spawn(prepared: ProcessRecord, watch: ProcessWatch): ControlledProcess {
    const pid = this.processes.length + 1;
    const behaviour = { startMs: 5, drainMs: 5, exitCode: undefined, ...(prepared.program as object) };
    const record = { ...prepared, token: `t${pid}`, pid, started: `s${pid}` };
    const process = new ModelProcess(record, behaviour, this.#clock, () => this.log.push(`-${prepared.child}`));
    process.watch = watch;
    this.processes.push(process);
    this.log.push(`+${prepared.child}`);
    return controlled(process);
  }

  #find(record: ProcessRecord, watch: ProcessWatch): Found {
    const process = this.processes.find(
      (one) => one.record.token === record.token && one.record.child === record.child,
    );
    if (process === undefined || !process.alive) return { kind: "gone" };
    if (process.isVeiled) return { kind: "unknown", text: "the machine does not say" };
    process.watch = watch;
    if (process.isReady) this.#clock.timer(1, () => process.watch === watch && watch.ready(process.address));
    return { kind: "running", process: controlled(process) };
  }
}

function controlled(process: ModelProcess): ControlledProcess {
  return {
    record: process.record,
    ping: () => process.ping(),
    drain: () => process.drain(),
    signal: (name) => process.signal(name),
    measure: () => {
      const { isDebugged: debugged, memoryBytes } = process;
      return { debugged, memoryBytes, processorMs: process.processorMs() };
    },
    release: () => {
      process.watch = undefined;
    },
  };
}

/** A store that outlives supervisors. */
export function createMemoryStore(): StateStore & { kept: SuperviseState | undefined } {
  const store = {
    kept: undefined as SuperviseState | undefined,
    load: async () => store.kept,
    save: (state: SuperviseState) => {
      store.kept = structuredClone(state);
    },
  };
  return store;
}
