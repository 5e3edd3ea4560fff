import { type JsonValue, OrreryError } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import type {
  ControlledProcess,
  ExitStatus,
  Found,
  Measures,
  ProcessControl,
  ProcessRecord,
  ProcessWatch,
} from "../supervise/process-control.ts";
import type { ComponentFolder, EnvironmentReport } from "./check-environment.ts";
import { type LifeRecord, type LifeStep, lifeFolder, stepsAfter, stepsBefore } from "./life-record.ts";
import type { LifeWorks, RunningStep } from "./life-works.ts";
import { printProblem } from "./problem.ts";

/**
 * Makes a control whose processes live as the `component.yaml` of their folders says: it is checked and prepared before one starts, and cleaned
 * up when it has ended, before its exit is told. What no manifest speaks for is left to the control below.
 */
export function withEnvironment(control: ProcessControl, works: LifeWorks): ProcessControl {
  const over: string[] = [];
  return {
    prepare: (child, program) => {
      for (const life of over.splice(0)) works.forget(life); // Their records are gone by now.
      const record = control.prepare(child, program);
      if (!works.has(program)) return record;
      return withLife(record, { id: works.newLife(), stage: "checking", folders: [] });
    },
    spawn: (record, watch) => {
      if (record.life === undefined) return control.spawn(record, watch);
      const process = new LivedProcess(record, { control, works, watch });
      void process.begin();
      return process;
    },
    // What has a life looks at its folder first.
    beginsLater: (record) => record.life !== undefined || control.beginsLater?.(record) === true,
    find: async (record, watch): Promise<Found> => {
      if (record.life === undefined) return await control.find(record, watch);
      const process = new LivedProcess(record, { control, works, watch });
      const found = await control.find(record, process.watch());
      if (found.kind === "running") return { kind: "running", process: process.adopt(found.process) };
      if (found.kind === "gone") {
        await process.finish();
        over.push(process.life);
      }
      return found;
    },
  };
}

interface LivedParts {
  readonly control: ProcessControl;
  readonly works: LifeWorks;
  readonly watch: ProcessWatch;
}

/**
 * A process with its life. I1: what is owed is on record before the first command begins. I2: its exit is told when nothing is owed any more,
 * and marks of what has begun are forgotten only then. I3: once released it begins nothing more; the next supervisor does.
 */
class LivedProcess implements ControlledProcess {
  record: ProcessRecord;
  readonly #parts: LivedParts;
  #life: LifeRecord;
  #folders: readonly ComponentFolder[] = [];
  #inner: ControlledProcess | undefined;
  #step: RunningStep | undefined;
  #isEnding = false;
  readonly #released = new AbortController();
  readonly #gone = new AbortController();

  constructor(record: ProcessRecord, parts: LivedParts) {
    this.record = record;
    this.#life = record.life as unknown as LifeRecord;
    this.#parts = parts;
  }

  get life(): string {
    return this.#life.id;
  }

  ping(): void {
    this.#inner?.ping();
  }

  drain(timeoutMs: number): void {
    this.#isEnding = true;
    this.#inner?.drain(timeoutMs);
  }

  signal(signal: "SIGTERM" | "SIGKILL"): void {
    this.#isEnding = true;
    this.#inner?.signal(signal);
    if (this.#inner === undefined) this.#step?.kill();
  }

  measure(): Measures | undefined {
    const measures = this.#inner?.measure();
    const said = this.#folders.flatMap(({ manifest }) => manifest.memoryBytesMax ?? []);
    return measures && { ...measures, memoryBytesMax: said.length === 0 ? undefined : Math.min(...said) };
  }

  release(): void {
    this.#released.abort(); // I3
    this.#gone.abort();
    this.#inner?.release();
  }

  /** Checks, prepares and starts. */
  async begin(): Promise<void> {
    const { works } = this.#parts;
    try {
      this.#folders = await works.read(this.record.program);
      const reports = await Promise.all(this.#folders.map((folder) => works.check(folder, this.record.program)));
      if (this.#isReleased()) return;
      const missing = reports.flatMap(({ problems }) => problems.map(printProblem));
      if (missing.length > 0) this.#unmet(missing.join("\n"));
      else if (this.#isEnding) this.#parts.watch.exit({ code: null, signal: "SIGTERM" });
      else await this.#prepare(reports);
    } catch (error) {
      this.#unmet(messageOf(error));
    }
  }

  adopt(inner: ControlledProcess): this {
    this.#inner = inner;
    this.#life = { ...this.#life, stage: "running" };
    this.record = withLife({ ...this.record, ...inner.record, program: this.record.program }, this.#life);
    return this;
  }

  /** Does what a process owes that is gone. */
  async finish(): Promise<void> {
    const { works } = this.#parts;
    const { id, stage, folders } = this.#life;
    if (stage === "checking") return;
    // What an earlier supervisor was preparing when it died must have ended first.
    for (const step of stepsBefore(folders)) if (works.hasBegun(id, step)) await this.#run(step);
    for (const step of stepsAfter(folders)) await this.#run(step);
  }

  /** What the control below tells. */
  watch(): ProcessWatch {
    const { watch } = this.#parts;
    return {
      ready: (address) => void this.#ready(address),
      pong: (...report) => watch.pong(...report),
      told: (news) => watch.told?.(news),
      failed: (text) => watch.failed(text),
      advance: ({ token, pid, started }) => {
        this.record = { ...this.record, token, pid, started };
        watch.advance?.(this.record, undefined);
      },
      exit: (status) => void this.#clean(status),
    };
  }

  async #prepare(reports: readonly EnvironmentReport[]): Promise<void> {
    const { control, watch } = this.#parts;
    const steps = stepsBefore(this.#folders.map(lifeFolder));
    this.#life = { ...this.#life, folders: this.#folders.map(lifeFolder) };
    this.#advance("preparing", steps.length === 0 ? undefined : "preparing"); // I1
    for (const step of steps) {
      const trouble = await this.#run(step);
      if (this.#isReleased()) return;
      if (trouble !== "" && !this.#isEnding) watch.failed(trouble);
      if (trouble !== "" || this.#isEnding) return await this.#clean(trouble === "" ? TERMINATED : FAILED);
    }
    const texts = Object.assign({}, ...reports.map(({ variables }) => variables.texts)) as Record<string, string>;
    const program = withVariables(this.record.program, texts);
    this.#inner = control.spawn({ ...this.record, program }, this.watch());
    const { token, pid, started } = this.#inner.record;
    this.record = { ...this.record, token, pid, started };
    this.#advance("running", "starting");
  }

  async #ready(address: string): Promise<void> {
    const { works, watch } = this.#parts;
    if (this.#folders.length === 0) this.#folders = await works.read(this.record.program).catch(() => []);
    const missing = await works.unreachable(this.#folders, this.record.program);
    if (this.#gone.signal.aborted) return;
    if (missing.length > 0) {
      for (const problem of missing) works.tell(this.record, printProblem(problem));
      watch.ready(""); // It is up, and takes no work.
      await works.reached(this.#folders, { program: this.record.program, signal: this.#gone.signal });
    }
    if (!this.#gone.signal.aborted) watch.ready(address);
  }

  /** Runs what comes after the end, then tells the end. */
  async #clean(status: ExitStatus): Promise<void> {
    const { works, watch } = this.#parts;
    this.#gone.abort();
    const steps = stepsAfter(this.#life.folders);
    if (steps.length > 0) watch.gone?.(status);
    for (const step of steps) {
      await this.#run(step);
      if (this.#isReleased()) return; // I3
    }
    watch.exit(status);
    works.forget(this.#life.id); // I2
  }

  async #run(step: LifeStep): Promise<string> {
    this.#step = this.#parts.works.run({ id: this.#life.id, program: this.record.program }, step);
    const trouble = await this.#step.end;
    this.#step = undefined;
    if (trouble !== "") this.#parts.works.tell(this.record, trouble);
    return trouble;
  }

  #unmet(text: string): void {
    if (this.#isReleased()) return;
    this.#parts.watch.failed(text);
    this.#parts.watch.exit({ code: null, signal: "", unmet: true });
  }

  #advance(stage: LifeRecord["stage"], told: "preparing" | "starting" | undefined): void {
    this.#life = { ...this.#life, stage };
    this.record = withLife(this.record, this.#life);
    this.#parts.watch.advance?.(this.record, told);
  }

  /** As a question of its own: what is awaited may change it. */
  #isReleased(): boolean {
    return this.#released.signal.aborted;
  }
}

const TERMINATED: ExitStatus = { code: null, signal: "SIGTERM" };
const FAILED: ExitStatus = { code: 1, signal: "" };

function withLife(record: ProcessRecord, life: LifeRecord): ProcessRecord {
  return { ...record, life: life as unknown as JsonValue };
}

/** A program with variables beside those that it names itself. */
function withVariables(program: JsonValue, texts: Readonly<Record<string, string>>): JsonValue {
  if (typeof program !== "object" || program === null || Array.isArray(program))
    throw new OrreryError("internal", "Cannot give variables to a program that is no record");
  const own = (program as { env?: Record<string, string> }).env;
  return { ...program, env: { ...texts, ...own } };
}
