import type { LogSink } from "@orrery/core";
import type { Tape } from "../chance/tape.ts";
import type { PlannedEvent } from "../order/event-queue.ts";
import type { Strategy } from "../order/strategy.ts";
import type { TraceMode, TraceRecord } from "../trace/trace.ts";
import { ModelWorld } from "../world/model-world.ts";
import { paceGate } from "../world/system-drive.ts";
import type { World } from "../world/world.ts";
import type { WorldOptions } from "../world/world-options.ts";
import { type Failure, failureOf, RuleBroken } from "./failure.ts";
import type { Scenario, Verdict } from "./scenario.ts";
import { watchRejections } from "./system-rejections.ts";
import { watchScenario } from "./watch-scenario.ts";

/** How a scenario is run once. */
export interface RunScenarioOptions {
  /** Default: that of the tape, or 1. */
  readonly seed?: number;
  /** What is to go as in an earlier run. */
  readonly tape?: Tape;
  /** Decides what happens next where more than one thing could. Default: what is due first. */
  readonly strategy?: Strategy | undefined;
  /** Default: hash. */
  readonly trace?: TraceMode;
  /** Whether the tape of the run is written. Default: false. */
  readonly notes?: boolean;
  /** Events after which it counts as endless. Default: 200,000. */
  readonly eventsMax?: number;
  /** Told of each line of the trace. */
  readonly onTrace?: (record: TraceRecord) => void;
  /** Where the nodes' log lines go; their time is the world's. Default: where the scenario says. */
  readonly log?: LogSink;
  /** How fast virtual time passes: 1 as the machine's, 10 ten times as fast. Default: as fast as events can be run. */
  readonly speed?: number;
  /** Told of each event before it runs. */
  readonly onEvent?: ((event: PlannedEvent) => void) | undefined;
}

/** One run of a scenario, at its end. */
export interface ScenarioRun {
  /** Undefined when all held. */
  readonly failure: Failure | undefined;
  readonly world: World;
  readonly hash: string;
  readonly events: number;
  readonly elapsedMs: number;
  readonly tape: Tape;
  /** Operations of the workload, by purpose, those included that were left out. */
  readonly operations: Readonly<Record<string, number>>;
}

const EVENTS_MAX = 200_000;
const EVENTUALLY_MS = 60_000;

/** Runs a scenario once, in a world of its own. What goes wrong is part of what it gives; it does not throw. */
export async function runScenario<It>(scenario: Scenario<It>, options: RunScenarioOptions = {}): Promise<ScenarioRun> {
  const { eventsMax, strategy, onEvent, speed, ...given } = options;
  const world = createScenarioWorld(scenario, { ...given, ...(strategy && { strategy }) });
  world.onEvent = onEvent;
  if (speed !== undefined) world.gate = paceGate(speed, world.scheduler);
  const failure = await playScenario(scenario, world, eventsMax);
  const { events, elapsedMs, tape } = world;
  const { hash } = world.trace;
  world.end();
  return { failure, world, hash, events, elapsedMs, tape, operations: world.operationCounts };
}

/** Makes the world of one run. */
export function createScenarioWorld<It>(scenario: Scenario<It>, options: WorldOptions): ModelWorld {
  return new ModelWorld({ rare: true, ...scenario.world, ...options });
}

/** Runs a scenario in a world that was made for it; gives what went wrong. The world is left as it is at the end. */
export async function playScenario<It>(
  scenario: Scenario<It>,
  world: ModelWorld,
  eventsMax = EVENTS_MAX,
): Promise<Failure | undefined> {
  const rejections = watchRejections();
  const watch = watchScenario(scenario, world);
  try {
    await play(scenario, world, eventsMax, () => {
      rejections.assertNone();
      watch.assertSound();
    });
    watch.assertEnded();
    return undefined;
  } catch (cause) {
    return failureOf(cause, world);
  } finally {
    rejections.stop();
  }
}

async function play<It>(scenario: Scenario<It>, world: ModelWorld, eventsMax: number, also: () => void): Promise<void> {
  const it = scenario.setup(world);
  const rules = Object.entries(scenario.always ?? {});
  const look = () => {
    also();
    if (world.events > eventsMax)
      throw new RuleBroken("endless", "the run does not end", `${eventsMax} events have run, and more are planned`);
    for (const [name, holds] of rules) assertVerdict("always", name, holds(it, world));
  };
  world.onQuiet = look;
  if (scenario.run === undefined) await world.finish();
  else await scenario.run(world, it);
  look();
  await settleDown(scenario, world, it);
  if (scenario.check !== undefined) assertVerdict("check", "check", await scenario.check(it, world));
  look();
}

/** Ends all faults, then gives what must come to hold its time. */
async function settleDown<It>(scenario: Scenario<It>, world: ModelWorld, it: It): Promise<void> {
  const rules = Object.entries(scenario.eventually ?? {});
  if (rules.length === 0 && scenario.check === undefined) return;
  await world.recover();
  const withinMs = scenario.withinMs ?? EVENTUALLY_MS;
  for (const [name, holds] of rules) {
    const isHeld = () => isTrue(holds(it, world));
    const endMs = world.elapsedMs + withinMs;
    await world.run({ forMs: withinMs, until: isHeld });
    if (isHeld()) continue;
    assertVerdict(
      "eventually",
      name,
      holds(it, world) || `it did not come to hold within ${withinMs} ms, by ${endMs} ms`,
    );
  }
}

function isTrue(verdict: Verdict): boolean {
  return verdict === undefined || verdict === true;
}

function assertVerdict(kind: "always" | "eventually" | "check", name: string, verdict: Verdict): void {
  if (isTrue(verdict)) return;
  const how = typeof verdict === "string" ? verdict : "it does not hold";
  throw new RuleBroken(kind, name, how);
}
