import type { Picks } from "../chance/choices.ts";
import { createTape, type Tape } from "../chance/tape.ts";
import type { TimedFault } from "../faults/fault.ts";
import type { TraceRecord } from "../trace/trace.ts";
import { type Failure, isSameFailure } from "./failure.ts";
import { runScenario, type ScenarioRun } from "./run-scenario.ts";
import type { Scenario } from "./scenario.ts";
import { atOtherTimes, evenLinks, faultsInstead, type RunStep, withoutTimes } from "./simplify.ts";
import { createStopwatch } from "./system-stopwatch.ts";

/** What is to be made small. */
export interface ShrinkOptions {
  /** What was run. */
  readonly scenario: Scenario;
  /** Everything that made its run fail. */
  readonly tape: Tape;
  /** How it failed: what does not fail alike is another failure. */
  readonly failure: Failure;
  /** Runs that it may take. */
  readonly runsMax: number;
  /** Time of the machine after which no run is begun, in ms. Default: none. */
  readonly withinMs?: number;
  /** Told of each run before it begins. */
  readonly onRun?: (runs: number) => void;
}

/** A failure as small as it got. */
export interface Shrunk {
  readonly tape: Tape;
  readonly failure: Failure;
  readonly runs: number;
}

/**
 * Makes a failing tape small: leaves out operations, nodes, faults and delays, takes chance to its least, and rounds what is left; a step
 * counts when the same failure comes again (delta debugging after Zeller and Hildebrandt, 2002).
 */
export async function shrinkTape(options: ShrinkOptions): Promise<Shrunk> {
  const shrinker = new Shrinker(options);
  await shrinker.shrink();
  return shrinker.result;
}

/** A smaller run may take so many times the events of the failing one, and so many more. */
const EVENTS_FACTOR = 4;
const EVENTS_MORE = 1000;

/** Runs of their own chance that tell whether the absence of nodes breaks a rule by itself. */
const CONTROLS = 3;

/** Owns the smallest tape so far. I1: it fails as the first one did. */
class Shrinker {
  readonly #options: ShrinkOptions;
  #tape: Tape;
  #failure: Failure;
  readonly #stopwatch = createStopwatch();
  #runs = 0;
  #nodes: readonly string[] = [];
  readonly #needed = new Set<string>();
  #alwaysFails: boolean | undefined;
  #operations: Readonly<Record<string, number>> = {};

  constructor(options: ShrinkOptions) {
    this.#options = options;
    this.#tape = options.tape;
    this.#failure = options.failure;
  }

  get result(): Shrunk {
    return { tape: this.#tape, failure: this.#failure, runs: this.#runs };
  }

  async shrink(): Promise<void> {
    // A tape with all that chance decided says the same without a seed behind it.
    if (!(await this.#try({ ...this.#tape, calm: true })) && !(await this.#try(this.#tape))) return;
    for (let size = Number.POSITIVE_INFINITY; this.#hasRuns && sizeOf(this.#tape) < size; ) {
      size = sizeOf(this.#tape);
      await this.#dropNodes();
      await this.#dropOperations();
      await this.#dropFaults();
      await this.#dropPicks();
      await this.#dropDelays();
      await this.#retime();
      await this.#tellShorter();
    }
    await this.#round();
  }

  /** Faults hit by their time: without what moves events the same moment comes at another one, which is looked for. */
  async #retime(): Promise<void> {
    const bare = withoutTimes(this.#tape);
    if (sizeOf(bare) >= sizeOf(this.#tape) || !this.#hasRuns) return;
    const steps = await this.#stepsOf({ ...bare, faults: bare.faults.filter(({ atMs }) => atMs === 0) });
    for (const tape of atOtherTimes(bare, steps)) if (await this.#try(tape)) return;
  }

  /** Tells many entries as a few. */
  async #tellShorter(): Promise<void> {
    for (const tape of evenLinks(this.#tape)) await this.#try(tape);
    if (Object.keys(this.#tape.delays).length === 0 || !this.#hasRuns) return;
    for (const tape of faultsInstead(this.#tape, await this.#stepsOf(this.#tape))) if (await this.#try(tape)) return;
  }

  async #stepsOf(tape: Tape): Promise<readonly RunStep[]> {
    this.#runs++;
    const steps: RunStep[] = [];
    const onTrace = ({ id, node, tick, part }: TraceRecord) => {
      if (part === 0) steps.push({ id, node, tick });
    };
    await runScenario(this.#options.scenario, { tape, onTrace, ...this.#limit });
    return steps;
  }

  /** Without some node or operation another one may wait for ever, which is not the failure that is sought: no need to watch it for long. */
  get #limit(): { readonly eventsMax?: number } {
    const { kind, events } = this.#options.failure;
    return kind === "endless" ? {} : { eventsMax: EVENTS_FACTOR * events + EVENTS_MORE };
  }

  get #hasRuns(): boolean {
    const { runsMax, withinMs = Number.POSITIVE_INFINITY } = this.#options;
    return this.#runs < runsMax && this.#stopwatch.elapsedMs < withinMs;
  }

  /** Leaves out nodes, but for those whose absence alone breaks the rule: without them it would be another failure that is told. */
  async #dropNodes(): Promise<void> {
    for (const name of this.#nodes) {
      if (this.#tape.absent.includes(name) || this.#needed.has(name)) continue;
      const absent = [...this.#tape.absent, name];
      const run = await this.#reproduce({ ...this.#tape, absent });
      if (run === undefined) continue;
      if (await this.#breaksAlone(absent)) this.#needed.add(name);
      else this.#accept({ ...this.#tape, absent }, run);
    }
  }

  /** Whether the failure comes from the absence of nodes alone, whatever chance decides; not where it comes with all nodes as well. */
  async #breaksAlone(absent: readonly string[]): Promise<boolean> {
    if (!(await this.#failsWithout(absent))) return false;
    this.#alwaysFails ??= await this.#failsWithout([]);
    return !this.#alwaysFails;
  }

  async #failsWithout(absent: readonly string[]): Promise<boolean> {
    for (let count = 1; count <= CONTROLS; count++) {
      const tape = { ...createTape(this.#options.tape.seed + count), absent };
      if ((await this.#reproduce(tape)) === undefined) return false;
    }
    return true;
  }

  async #dropOperations(): Promise<void> {
    const all = Object.entries(this.#operations).flatMap(([purpose, count]) =>
      Array.from({ length: count }, (_, index) => `drop ${purpose} ${index + 1}`),
    );
    const kept = all.filter((key) => this.#tape.picks[key] !== 1);
    await this.#minimize(kept, (left) => {
      const dropped = kept.filter((key) => !left.includes(key));
      return { ...this.#tape, picks: { ...this.#tape.picks, ...Object.fromEntries(dropped.map((key) => [key, 1])) } };
    });
  }

  async #dropFaults(): Promise<void> {
    await this.#minimize(this.#tape.faults, (faults) => ({ ...this.#tape, faults }));
  }

  async #dropDelays(): Promise<void> {
    const entries = Object.entries(this.#tape.delays);
    await this.#minimize(entries, (left) => ({ ...this.#tape, delays: Object.fromEntries(left) }));
  }

  /** Whole purposes first, such as all latencies, then one by one. */
  async #dropPicks(): Promise<void> {
    const groups = new Set(Object.keys(this.#tape.picks).map(purposeOf));
    groups.delete("drop");
    for (const group of groups) await this.#try({ ...this.#tape, picks: without(this.#tape.picks, group) });
    const entries = Object.entries(this.#tape.picks).filter(([key]) => purposeOf(key) !== "drop");
    const dropped = Object.entries(this.#tape.picks).filter(([key]) => purposeOf(key) === "drop");
    await this.#minimize(entries, (left) => ({ ...this.#tape, picks: Object.fromEntries([...dropped, ...left]) }));
  }

  /** Takes what is left to rounder and smaller numbers. */
  async #round(): Promise<void> {
    for (const [key, value] of Object.entries(this.#tape.delays))
      await this.#smaller(value, (less) => ({ ...this.#tape, delays: { ...this.#tape.delays, [key]: less } }));
    for (const [key, value] of Object.entries(this.#tape.picks))
      if (purposeOf(key) !== "drop")
        await this.#smaller(value, (less) => ({ ...this.#tape, picks: { ...this.#tape.picks, [key]: less } }));
    for (const [index, fault] of this.#tape.faults.entries()) {
      const atMs = Math.round(fault.atMs);
      const rounded = this.#tape.faults.map((other, at): TimedFault => (at === index ? { ...other, atMs } : other));
      if (atMs !== fault.atMs) await this.#try({ ...this.#tape, faults: rounded });
    }
  }

  /** Tries rounder numbers from the smallest up. */
  async #smaller(value: number, make: (less: number) => Tape): Promise<void> {
    for (let less = 1; less < value; less *= 10) if (await this.#try(make(less))) return;
  }

  /** Delta debugging: leaves out ever smaller parts of a list, as long as it fails. */
  async #minimize<T>(all: readonly T[], make: (left: readonly T[]) => Tape): Promise<void> {
    let left = all;
    if (left.length === 0 || (await this.#try(make([])))) return;
    for (let parts = 2; left.length > 1 && this.#hasRuns; ) {
      const size = Math.ceil(left.length / parts);
      const smaller = await this.#leaveOut(left, size, make);
      if (smaller !== undefined) {
        left = smaller;
        parts = Math.max(2, parts - 1);
      } else if (size === 1) return;
      else parts = Math.min(left.length, parts * 2);
    }
  }

  async #leaveOut<T>(
    left: readonly T[],
    size: number,
    make: (left: readonly T[]) => Tape,
  ): Promise<readonly T[] | undefined> {
    for (let start = 0; start < left.length; start += size) {
      const rest = [...left.slice(0, start), ...left.slice(start + size)];
      if (await this.#try(make(rest))) return rest;
    }
    return undefined;
  }

  async #try(tape: Tape): Promise<boolean> {
    const run = await this.#reproduce(tape);
    if (run !== undefined) this.#accept(tape, run);
    return run !== undefined;
  }

  /** A run of a tape that fails as the first one did. */
  async #reproduce(tape: Tape): Promise<ScenarioRun | undefined> {
    if (!this.#hasRuns) return undefined;
    this.#runs++;
    this.#options.onRun?.(this.#runs);
    const run = await runScenario(this.#options.scenario, { tape, ...this.#limit });
    return isSameFailure(run.failure, this.#options.failure) ? run : undefined;
  }

  #accept(tape: Tape, run: ScenarioRun): void {
    this.#tape = tape; // I1
    this.#failure = run.failure as Failure;
    this.#nodes = [...run.world.nodes.keys()];
    this.#operations = run.operations;
  }
}

function sizeOf({ picks, delays, faults, absent }: Tape): number {
  const dropped = Object.keys(picks).filter((key) => purposeOf(key) === "drop").length;
  return Object.keys(picks).length - 2 * dropped + Object.keys(delays).length + faults.length - absent.length;
}

function purposeOf(key: string): string {
  return key.slice(0, key.indexOf(" "));
}

function without(picks: Picks, purpose: string): Picks {
  return Object.fromEntries(Object.entries(picks).filter(([key]) => purposeOf(key) !== purpose));
}
