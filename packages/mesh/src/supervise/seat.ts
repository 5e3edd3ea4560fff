import type { Clock, JsonValue, Random, Timer } from "@orrery/core";
import { type HealthState, lookAt, newHealth } from "./health.ts";
import { EXITS_KEPT_MAX, FIND_AGAIN_MS } from "./limits.ts";
import type { Phase } from "./plan-group.ts";
import type {
  ControlledProcess,
  ExitStatus,
  Found,
  ProcessControl,
  ProcessRecord,
  ProcessWatch,
} from "./process-control.ts";
import { nameOf } from "./process-name.ts";
import { backoffMs, type ExitNote, type ExitReason } from "./restart-policy.ts";
import type { CompleteChild } from "./spec.ts";
import { type StopStep, type StopWay, stopSteps } from "./stop-steps.ts";

/** What happens to a child. */
export type SuperviseEventKind =
  /** What its folder's manifest asks for is looked at. */
  | "checking"
  /** Commands before its start run. */
  | "preparing"
  | "starting"
  | "ready"
  | "adopted"
  /** It is taken for a zombie, and will be replaced. */
  | "ailing"
  | "stopping"
  /** It has ended; commands after its end run. */
  | "cleaning"
  | "ended"
  | "given-up"
  /** Nobody can tell whether it runs; it is left alone. */
  | "unknown"
  /** It does not go away, whatever is done. */
  | "stuck";

/** What a seat's supervisor hands it and is told. */
export interface SeatOptions {
  readonly control: ProcessControl;
  readonly clock: Clock;
  readonly random: Random;
  /** Something changed that must be kept, before anything else is done. */
  readonly onRecord: () => void;
  readonly onEvent: (seat: ChildSeat, kind: SuperviseEventKind, text: string, reason?: ExitReason) => void;
  readonly onEnded: (seat: ChildSeat, note: ExitNote) => void;
  /** Its process told something unasked. */
  readonly onTold?: (seat: ChildSeat, news: JsonValue) => void;
  /** It is ready, or takes no more work. */
  readonly onChange: () => void;
}

/**
 * The place of one child, taken by one process after another. Owns: the process, its health, and the way to its end.
 * I1: at most one process runs; of one that is kept on record, another starts only when it has certainly ended. I2: the record of a process
 * is kept before it starts. I3: whatever was begun ends, each step after a time. I4: a process that has not said why it ends is noted anyway.
 */
export class ChildSeat {
  child: CompleteChild;
  phase: Phase = "down";
  record: ProcessRecord | undefined;
  readonly exits: ExitNote[] = [];
  restarts = 0;
  notBeforeMs = 0;
  readyMs = 0;
  failuresMs: readonly number[] = [];
  stale = false;
  staleBecause: ExitReason = "asked";
  isRemoved = false;
  hasFinished = false;
  givenUp = "";
  /** Times in a row that it was not even started, for something was missing. */
  unmet = 0;
  /** What is done before its process starts and after it has ended; empty otherwise. */
  stage: "" | "checking" | "preparing" | "cleaning" = "";
  /** What the process last reported of itself. */
  report: JsonValue | undefined;
  readonly #options: SeatOptions;
  #process: ControlledProcess | undefined;
  #life = 0;
  #timer: Timer | undefined;
  #looking: Timer | undefined;
  #health: HealthState | undefined;
  #answered = false;
  #isGone = false;
  #tries = 0;
  #starts = 0;
  #failed = "";
  #stopping: { reason: ExitReason; text: string; steps: readonly StopStep[] } | undefined;

  constructor(child: CompleteChild, options: SeatOptions) {
    this.child = child;
    this.#options = options;
  }

  /** Whether a process is to run. */
  get wanted(): boolean {
    return !this.isRemoved && !this.hasFinished && this.givenUp === "";
  }

  get name(): string {
    return this.child.name;
  }

  /** Where it takes work; empty when it takes none. */
  get route(): string {
    return this.phase === "ready" ? (this.record?.address ?? "") : "";
  }

  start(): void {
    const { control } = this.#options;
    this.phase = "starting"; // I1
    this.#begin();
    if (this.#starts++ > 0) this.restarts++;
    this.record = control.prepare(this.name, this.child.program);
    if (control.beginsLater?.(this.record) !== true) this.#options.onRecord(); // I2
    const process = control.spawn(this.record, this.#watch());
    this.#process = process;
    this.record = { ...process.record, program: this.child.program };
    this.#options.onRecord(); // I2
    if (this.record.life === undefined) this.#expect();
    else this.#enter("checking");
  }

  /** Takes over a process that an earlier supervisor started, when it still runs. */
  async adopt(record: ProcessRecord): Promise<void> {
    this.record = record;
    this.phase = "unknown"; // I1
    this.#begin();
    this.#take(await this.#options.control.find(record, this.#watch()), record);
  }

  /** Ends the process; what is under way already goes on, unless this way is harder. */
  stop(reason: ExitReason, text: string, way: StopWay = "orderly"): void {
    if (this.phase === "down" || this.phase === "unknown") return;
    if (this.#stopping !== undefined && way === "orderly") return;
    const isFirst = this.#stopping === undefined;
    this.#stopping = {
      reason: this.#stopping?.reason ?? reason,
      text: this.#stopping?.text ?? text,
      steps: stopSteps(way, this.child.rules),
    };
    this.phase = "stopping";
    this.#timer?.cancel();
    this.#looking?.cancel();
    if (isFirst) {
      // A later supervisor must not route to it, nor take its end for its own doing.
      if (this.record !== undefined) this.record = { ...this.record, address: "", ending: true };
      this.#options.onRecord();
      this.#options.onEvent(this, "stopping", text, reason);
    }
    this.#options.onChange();
    this.#step(0);
  }

  /** Puts off the next start; the pause grows with each try. */
  backOff(): void {
    const { clock, random } = this.#options;
    this.notBeforeMs = clock.monotonic() + backoffMs(++this.#tries, this.child.rules, random);
  }

  /** Forgets what went wrong before, as after a change or when somebody says so. */
  forgive(): void {
    this.#tries = 0;
    this.unmet = 0;
    this.failuresMs = [];
    this.notBeforeMs = 0;
    this.hasFinished = false;
    this.givenUp = "";
  }

  /** Lets the process run on, for another supervisor to find. */
  release(): void {
    this.#life++;
    this.#timer?.cancel();
    this.#looking?.cancel();
    this.#process?.release();
  }

  /** The process runs, and is to be ready in time. */
  #expect(): void {
    this.stage = "";
    this.#timer = this.#options.clock.timer(this.child.rules.startMs, () => this.#tooSlow());
    this.#options.onEvent(this, "starting", `${nameOf(this.record)} starts`);
  }

  #enter(stage: "checking" | "preparing" | "cleaning"): void {
    this.stage = stage;
    this.#options.onEvent(this, stage, STAGE_TEXTS[stage]);
  }

  #advance({ token, pid, started, life }: ProcessRecord, stage: "preparing" | "starting" | undefined): void {
    if (this.record === undefined) return;
    this.record = { ...this.record, token, pid, started, ...(life === undefined ? {} : { life }) };
    this.#options.onRecord(); // I2
    if (this.phase !== "starting") return;
    if (stage === "preparing") this.#enter("preparing");
    if (stage === "starting") this.#expect();
  }

  /** The process has ended, and its place is still taken: nobody asks it any more, and nothing hurries what comes after. */
  #goneBy(status: ExitStatus): void {
    this.#timer?.cancel();
    this.#looking?.cancel();
    this.#isGone = true;
    const text = this.#failed === "" ? endText(status) : this.#failed;
    this.#stopping ??= { reason: reasonOf(status, this.phase), text, steps: [] };
    this.phase = "stopping";
    if (this.record !== undefined) this.record = { ...this.record, address: "" };
    this.#options.onRecord();
    this.#enter("cleaning");
    this.#options.onChange();
  }

  #begin(): void {
    this.#life++;
    this.#isGone = false;
    this.report = undefined;
    this.stale = false;
    this.#failed = "";
    this.#stopping = undefined;
  }

  #take(found: Found, record: ProcessRecord): void {
    const { clock, onEvent, onChange, control } = this.#options;
    switch (found.kind) {
      case "gone":
        this.#ended({ code: null, signal: "" });
        return;
      case "unknown": {
        onEvent(this, "unknown", found.text);
        const life = this.#life;
        this.#timer = clock.timer(FIND_AGAIN_MS, () => {
          control.find(record, this.#watch()).then(
            (again) => life === this.#life && this.#take(again, record),
            (error: unknown) => life === this.#life && this.#take({ kind: "unknown", text: String(error) }, record),
          );
        });
        return;
      }
      case "running":
        this.#process = found.process;
        this.record = { ...record, ...found.process.record, program: record.program, address: record.address };
        this.#starts++;
        onEvent(this, "adopted", `process ${this.record.pid} runs on under a new supervisor`);
        this.phase = "starting";
        this.#options.onRecord();
        if (record.ending === true) {
          this.stop("asked", "an earlier supervisor had begun to end it");
          return;
        }
        this.#timer = clock.timer(this.child.rules.startMs, () => this.#tooSlow());
        if (record.address !== "") this.#ready(record.address);
        else onChange();
    }
  }

  #watch(): ProcessWatch {
    const life = this.#life;
    const ifMine = (does: () => void) => {
      if (life === this.#life) does();
    };
    return {
      ready: (address) => ifMine(() => this.#ready(address)),
      pong: (report) =>
        ifMine(() => {
          this.#answered = true;
          if (report !== undefined) this.report = report;
        }),
      told: (news) => ifMine(() => this.#options.onTold?.(this, news)),
      failed: (text) =>
        ifMine(() => {
          this.#failed = text;
        }),
      exit: (status) => ifMine(() => this.#ended(status)),
      advance: (record, stage) => ifMine(() => this.#advance(record, stage)),
      gone: (status) => ifMine(() => this.#goneBy(status)),
    };
  }

  #ready(address: string): void {
    const { clock, onRecord, onEvent, onChange } = this.#options;
    if (this.phase === "ready" && this.record?.address === "" && address !== "") this.#open(address);
    if (this.phase !== "starting" || this.record === undefined) return;
    this.phase = "ready";
    this.unmet = 0;
    this.#timer?.cancel();
    this.readyMs = clock.monotonic();
    this.record = { ...this.record, address };
    this.#health = newHealth(this.readyMs);
    this.#ask();
    onEvent(this, "ready", `${nameOf(this.record)} takes work${address === "" ? "" : ` at ${address}`}`);
    onChange(); // Callers wait for it; a supervisor that finds no address on record is told it again.
    onRecord();
  }

  /** It was up and took no work; now it does. */
  #open(address: string): void {
    if (this.record === undefined) return;
    this.record = { ...this.record, address };
    this.#options.onRecord();
    this.#options.onEvent(this, "ready", `${nameOf(this.record)} takes work at ${address}`);
    this.#options.onChange();
  }

  #ask(): void {
    this.#answered = false;
    this.#process?.ping();
    this.#looking = this.#options.clock.timer(this.child.rules.pingEveryMs, () => this.#look());
  }

  #look(): void {
    if (this.phase !== "ready" || this.#health === undefined) return;
    const measures = this.#process?.measure() ?? { debugged: false, processorMs: undefined, memoryBytes: undefined };
    const look = { ...measures, answered: this.#answered, atMs: this.#options.clock.monotonic() };
    const { state, ailment } = lookAt(this.#health, look, this.child.rules);
    this.#health = state;
    if (ailment === undefined) {
      this.#ask();
      return;
    }
    this.#options.onEvent(this, "ailing", ailment.text, ailment.kind);
    const isDeaf = ailment.kind === "hang" || ailment.kind === "spin";
    this.stop(ailment.kind, ailment.text, isDeaf ? "deaf" : "orderly");
  }

  #tooSlow(): void {
    const { startMs } = this.child.rules;
    if (this.#process?.measure()?.debugged === true) {
      this.#timer = this.#options.clock.timer(startMs, () => this.#tooSlow());
      return;
    }
    const text = `it was not ready within ${startMs / 1000} s`;
    this.#options.onEvent(this, "ailing", text, "failed-start");
    this.stop("failed-start", text, "deaf");
  }

  #step(index: number): void {
    const step = this.#stopping?.steps[index];
    if (step === undefined || this.#isGone) return;
    switch (step.kind) {
      case "settle":
        break;
      case "drain":
        this.#process?.drain(this.child.rules.drainMs);
        break;
      case "stuck":
        this.#options.onEvent(this, "stuck", `${nameOf(this.record)} does not end by SIGKILL`);
        return;
      default:
        this.#process?.signal(step.kind);
    }
    // A signal may have ended it already.
    if (this.phase === "stopping") this.#timer = this.#options.clock.timer(step.waitMs, () => this.#step(index + 1)); // I3
  }

  #ended(status: ExitStatus): void {
    const { clock, onRecord, onEvent, onEnded } = this.#options;
    const nowMs = clock.monotonic();
    const reason = this.#stopping?.reason ?? reasonOf(status, this.phase);
    const text = this.#stopping?.text ?? (this.#failed === "" ? endText(status) : this.#failed);
    const note: ExitNote = { atMs: clock.now(), pid: this.record?.pid ?? 0, reason, text };
    this.exits.push(note); // I4
    if (this.exits.length > EXITS_KEPT_MAX) this.exits.shift();
    this.unmet = status.unmet === true ? this.unmet + 1 : 0;
    this.stage = "";
    if (this.phase !== "unknown" && this.readyMs > 0 && nowMs - this.readyMs >= this.child.rules.healthyMs)
      this.#tries = 0;
    this.#life++;
    this.#timer?.cancel();
    this.#looking?.cancel();
    this.#process = undefined;
    this.record = undefined;
    this.#stopping = undefined;
    this.phase = "down";
    this.readyMs = 0;
    onRecord();
    onEvent(this, "ended", text, reason);
    onEnded(this, note);
  }
}

const STAGE_TEXTS = {
  checking: "what it needs is looked at",
  preparing: "commands before its start run",
  cleaning: "commands after its end run",
} as const;

function reasonOf({ code, signal, unmet }: ExitStatus, phase: Phase): ExitReason {
  if (unmet === true) return "failed-start";
  if (code === 0) return "finished";
  if (code === null && signal === "") return "unseen";
  return phase === "starting" ? "failed-start" : "crashed";
}

function endText({ code, signal, why }: ExitStatus): string {
  const how = code === null ? "it ended while nobody watched" : `it exited with code ${code}`;
  return why ?? (signal === "" ? how : `it was ended by ${signal}`);
}
