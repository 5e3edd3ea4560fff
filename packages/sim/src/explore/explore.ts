import { OrreryError } from "@orrery/core";
import { createDraws } from "../chance/draws.ts";
import { createTape, type Tape } from "../chance/tape.ts";
import { TICKS_PER_MS } from "../limits.ts";
import type { PlannedEvent } from "../order/event-queue.ts";
import type { Strategy } from "../order/strategy.ts";
import type { Failure } from "./failure.ts";
import { runScenario, type ScenarioRun } from "./run-scenario.ts";
import type { Scenario } from "./scenario.ts";
import { shrinkTape } from "./shrink.ts";
import { delayBounded, fairAfter, priorities, randomWalk } from "./strategies.ts";
import { drawFaults } from "./swarm.ts";
import { createStopwatch } from "./system-stopwatch.ts";
import { createSystematicSearch } from "./systematic.ts";

/**
 * How orders are varied:
 * - `seeds`: by the latencies and values that each seed draws, and nothing else.
 * - `random`: now and then anything that could be next is.
 * - `pct`: by priorities that change at a few places.
 * - `delays`: a few events are put off.
 * - `systematic`: every order that makes a difference, within a slack; for small worlds.
 */
export const STRATEGIES = ["seeds", "random", "pct", "delays", "systematic"] as const;

/** Name of a strategy. */
export type StrategyName = (typeof STRATEGIES)[number];

/** How far to explore. */
export interface ExploreOptions {
  /** Runs at most. Default: 1,000. */
  readonly runs?: number;
  /** Seed of the first run; each run has the next. Default: 1. */
  readonly seed?: number;
  /** Strategies that take turns. Default: all but `systematic`, which is only taken by itself. */
  readonly strategies?: readonly StrategyName[];
  /** Events that come due within so many ms of the next one could come before it. Default: from run to run another. */
  readonly slackMs?: number;
  /** Time of the machine after which no run is begun, in ms. Default: none. */
  readonly withinMs?: number;
  /** Runs that making a failure small may take; 0 leaves it as it is. Default: 1,000, within 20 s of the machine. */
  readonly shrinkRuns?: number;
  /** Told of each run that ended. */
  readonly onProgress?: (progress: ExploreProgress) => void;
}

/** Where an exploration stands. */
export interface ExploreProgress {
  readonly runs: number;
  readonly runsMax: number;
  /** Events that have run in all worlds. */
  readonly events: number;
  readonly phase: "exploring" | "shrinking";
}

/** What an exploration found. */
export interface Exploration {
  readonly scenario: Scenario;
  /** Runs until the failure, that one included, or all. */
  readonly runs: number;
  readonly events: number;
  /** Undefined when nothing was found. */
  readonly failure: Failure | undefined;
  /** Strategy that found it. */
  readonly strategy: StrategyName | undefined;
  /** Tape of the failing run, as it was found. */
  readonly found: Tape | undefined;
  /** The same failure made small. */
  readonly tape: Tape | undefined;
  readonly shrinkRuns: number;
  /** True when every order within the slack was tried: a proof for this workload, seed and slack. */
  readonly isComplete: boolean;
}

const RUNS_MAX = 1000;
const SHRINK_RUNS_MAX = 1000;
const SHRINK_WITHIN_MS = 20_000;
const SLACKS_MS = [0.5, 5, 50, 500];
/** Share of runs without faults, where there may be some; and of those with faults that begin behind an event, not at any moment. */
const CALM_SHARE = 0.25;
const MOMENT_SHARE = 0.5;
const DECISIONS_MAX = 400;
/** Choices after which a run goes its usual way, in lengths of a usual run. */
const FAIR_AFTER = 4;

/**
 * Runs a scenario again and again, each time another way, until a rule is broken or the budget is spent; then makes the failure small.
 * @throws OrreryError `invalid_argument` for options that cannot be.
 */
export async function explore<It>(scenario: Scenario<It>, options: ExploreOptions = {}): Promise<Exploration> {
  const { runs: runsMax = RUNS_MAX, strategies = ["seeds", "random", "pct", "delays"] } = options;
  assertOptions(runsMax, strategies);
  const explorer = new Explorer(scenario as Scenario, options);
  const run = strategies.includes("systematic")
    ? await explorer.searchAll(runsMax)
    : await explorer.search(runsMax, strategies);
  return await explorer.report(run);
}

/** A run that failed, and how it came about. */
interface Found {
  readonly run: ScenarioRun;
  readonly strategy: StrategyName;
}

/** Owns the count of runs and events. */
class Explorer {
  readonly #scenario: Scenario;
  readonly #options: ExploreOptions;
  readonly #seed: number;
  readonly #isLate: () => boolean;
  #runs = 0;
  #events = 0;
  #isComplete = false;

  constructor(scenario: Scenario, options: ExploreOptions) {
    this.#scenario = scenario;
    this.#options = options;
    this.#seed = options.seed ?? 1;
    const { withinMs = Number.POSITIVE_INFINITY } = options;
    const stopwatch = createStopwatch();
    this.#isLate = () => stopwatch.elapsedMs > withinMs;
  }

  async search(runsMax: number, strategies: readonly StrategyName[]): Promise<Found | undefined> {
    const first = await this.#run({ seed: this.#seed, notes: true }, runsMax);
    if (first.failure !== undefined) return { run: first, strategy: "seeds" };
    while (this.#runs < runsMax && !this.#isLate()) {
      const strategy = strategies[this.#runs % strategies.length] as StrategyName;
      const run = await this.#vary(strategy, first, runsMax);
      if (run.failure !== undefined) return { run, strategy };
    }
    return undefined;
  }

  async searchAll(runsMax: number): Promise<Found | undefined> {
    const slackTicks = Math.round((this.#options.slackMs ?? 10) * TICKS_PER_MS);
    const search = createSystematicSearch({ slackTicks, decisionsMax: DECISIONS_MAX });
    while (this.#runs < runsMax && !this.#isLate()) {
      const strategy = search.next();
      if (strategy === undefined) {
        this.#isComplete = true;
        return undefined;
      }
      const onEvent = search.ran.bind(search);
      const run = await this.#run({ seed: this.#seed, notes: true, strategy, onEvent }, runsMax);
      if (run.failure !== undefined) return { run, strategy: "systematic" };
      search.ended();
    }
    return undefined;
  }

  async report(found: Found | undefined): Promise<Exploration> {
    const { shrinkRuns = SHRINK_RUNS_MAX, onProgress } = this.#options;
    const failure = found?.run.failure;
    const base = { scenario: this.#scenario, runs: this.#runs, events: this.#events, isComplete: this.#isComplete };
    if (found === undefined || failure === undefined)
      return { ...base, failure, strategy: undefined, found: undefined, tape: undefined, shrinkRuns: 0 };
    const { tape } = found.run;
    const events = this.#events;
    const onRun = (runs: number) => onProgress?.({ runs, runsMax: shrinkRuns, events, phase: "shrinking" });
    const shrunk = await shrinkTape({
      scenario: this.#scenario,
      tape,
      failure,
      runsMax: shrinkRuns,
      withinMs: SHRINK_WITHIN_MS,
      onRun,
    });
    return {
      ...base,
      failure: shrunk.failure,
      strategy: found.strategy,
      found: tape,
      tape: shrunk.tape,
      shrinkRuns: shrunk.runs,
    };
  }

  async #vary(name: StrategyName, first: ScenarioRun, runsMax: number): Promise<ScenarioRun> {
    const seed = this.#seed + this.#runs;
    const random = createDraws(seed).stream("explore", name);
    const { slackMs = SLACKS_MS[random.integer(SLACKS_MS.length)] as number } = this.#options;
    const slackTicks = Math.round(slackMs * TICKS_PER_MS);
    const strategy = () => {
      const choosing = createDraws(seed).stream("strategy", name);
      const unfair = makeStrategy(name, { random: choosing, slackTicks, events: first.events });
      return unfair && fairAfter(FAIR_AFTER * (first.events + 100), unfair);
    };
    const tape = createTape(seed, this.#scenario.name);
    const { faults: kinds = [], faultyNodes: nodes = [...first.world.nodes.keys()] } = this.#scenario;
    if (kinds.length === 0 || random.next() < CALM_SHARE)
      return await this.#run({ tape, notes: true, strategy: strategy() }, runsMax);
    const momentsMs = random.next() < MOMENT_SHARE ? await this.#momentsOf(tape, strategy()) : [];
    const faults = drawFaults({ random, kinds, nodes, withinMs: Math.max(1, first.elapsedMs), momentsMs });
    return await this.#run({ tape: { ...tape, faults }, notes: true, strategy: strategy() }, runsMax);
  }

  /** Moments just behind an event of a run, in which a fault finds things half done; up to the first fault the run goes the same way. */
  async #momentsOf(tape: Tape, strategy: Strategy | undefined): Promise<readonly number[]> {
    const ticks = new Set<number>();
    const onEvent = ({ tick }: PlannedEvent) => void ticks.add(tick + 1);
    const run = await runScenario(this.#scenario, { tape, strategy, onEvent });
    this.#events += run.events;
    return [...ticks].map((tick) => tick / TICKS_PER_MS);
  }

  async #run(options: Parameters<typeof runScenario>[1], runsMax: number): Promise<ScenarioRun> {
    const run = await runScenario(this.#scenario, options);
    this.#runs++;
    this.#events += run.events;
    this.#options.onProgress?.({ runs: this.#runs, runsMax, events: this.#events, phase: "exploring" });
    return run;
  }
}

interface MakeStrategyOptions {
  readonly random: Parameters<typeof randomWalk>[0]["random"];
  readonly slackTicks: number;
  /** Events of a usual run. */
  readonly events: number;
}

function makeStrategy(name: StrategyName, { random, slackTicks, events }: MakeStrategyOptions): Strategy | undefined {
  switch (name) {
    case "random":
      return randomWalk({ random, slackTicks }, [0.02, 0.1, 0.5][random.integer(3)] as number);
    case "pct":
      return priorities({ random, slackTicks }, 1 + random.integer(3), events);
    case "delays":
      return delayBounded({ random, slackTicks }, 1 + random.integer(4), events);
    default:
      return undefined;
  }
}

function assertOptions(runs: number, strategies: readonly StrategyName[]): void {
  if (!(Number.isSafeInteger(runs) && runs >= 1)) throw unfit(`runs is ${runs}, write a whole number from 1`);
  const [unknown] = strategies.filter((name) => !STRATEGIES.includes(name));
  if (unknown !== undefined) throw unfit(`there is no strategy "${unknown}", write ${STRATEGIES.join(", ")}`);
  if (strategies.length === 0) throw unfit(`there are no strategies, write ${STRATEGIES.join(", ")}`);
  if (strategies.includes("systematic") && strategies.length > 1)
    throw unfit("systematic goes with no other strategy, give it by itself");
}

function unfit(why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot explore: ${why}`);
}
