import type { PlannedEvent } from "../event-queue.ts";
import { ModelWorld } from "../model-world.ts";
import type { Scenario, Verdict } from "../scenario.ts";
import type { Strategy } from "../strategy.ts";
import { watchRejections } from "../system-rejections.ts";
import type { Tape } from "../tape.ts";
import type { TraceMode, TraceRecord } from "../trace.ts";
import type { World } from "../world.ts";
import { type Failure, failureOf, RuleBroken } from "./failure.ts";
import { createWaitGraph } from "./wait-graph.ts";

/** How a scenario is run once. */
export interface RunScenarioOptions {
  /** Default: that of the tape, or 1. */
  readonly seed?: number;
  /** What is to go as in an earlier run. */
  readonly tape?: Tape;
  readonly strategy?: Strategy | undefined;
  /** Default: hash. */
  readonly trace?: TraceMode;
  /** Whether the tape of the run is written. Default: false. */
  readonly notes?: boolean;
  /** Events after which it counts as endless. Default: 200,000. */
  readonly eventsMax?: number;
  readonly onTrace?: (record: TraceRecord) => void;
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
  const { eventsMax = EVENTS_MAX, strategy, onEvent, ...given } = options;
  const world = new ModelWorld({ rare: true, ...scenario.world, ...given, ...(strategy && { strategy }) });
  world.onEvent = onEvent;
  const graph = createWaitGraph();
  let ring: string | undefined;
  if (scenario.deadlocks !== "ignore")
    world.onMessage = (event) => {
      ring ??= graph.watch(event);
    };
  const rejections = watchRejections();
  let failure: Failure | undefined;
  try {
    await play(scenario, world, eventsMax, () => {
      rejections.assertNone();
      if (ring !== undefined) throw new RuleBroken("deadlock", "instances wait for one another", ring);
    });
  } catch (cause) {
    failure = failureOf(cause, world);
  } finally {
    rejections.stop();
  }
  const { events, elapsedMs, tape } = world;
  const { hash } = world.trace;
  world.end();
  return { failure, world, hash, events, elapsedMs, tape, operations: world.operationCounts };
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
