import { runScenario } from "../explore/run-scenario.ts";
import type { Scenario } from "../explore/scenario.ts";
import type { ModelWorld } from "../world/model-world.ts";
import type { World } from "../world/world.ts";
import { COMMANDS, type CommandTable } from "./commands.ts";
import type { SessionRule } from "./rules.ts";
import type { SessionOptions } from "./session.ts";
import { type Goal, type SteppedRun, startSteppedRun } from "./stepped-run.ts";
import { tellEnd, tellPlanned, tellRecords, tellTime } from "./tell.ts";
import { listOf, unfit } from "./unfit.ts";

/** A place in a run: after so many events, and at a tick where the clock has gone on since; else at 0. */
interface Position {
  readonly events: number;
  readonly tick: number;
}

/** Something that was done to a run, and where. */
interface Deed {
  readonly at: Position;
  readonly line: string;
  /** Does it to the run of the moment. */
  readonly act: (world: ModelWorld) => void;
}

/** Owns the run of the moment and what was done to it. I1: the same deeds at the same places make the same run, so going back is running anew. */
export class LiveSession {
  readonly scenario: Scenario;
  readonly options: SessionOptions;
  readonly rules = new Set<SessionRule>();
  #run: SteppedRun | undefined;
  #deeds: readonly Deed[] = [];
  #points: Promise<ReadonlySet<string>> | undefined;
  isOver = false;

  constructor(scenario: Scenario, options: SessionOptions) {
    this.scenario = scenario;
    this.options = options;
  }

  async begin(): Promise<void> {
    const { seed, tape } = this.options;
    this.#run = await startSteppedRun(this.scenario, { ...(seed !== undefined && { seed }), ...(tape && { tape }) });
  }

  get world(): ModelWorld {
    return this.#here.world;
  }

  get ended(): SteppedRun["ended"] {
    return this.#here.ended;
  }

  /** Lines that do the same to a new session. */
  get script(): readonly string[] {
    const deeds = this.#deeds.flatMap(({ at, line }) => [...writePosition(at), line]);
    const lines = [...deeds, ...writePosition(this.#position)];
    return lines.filter((line, index) => line !== lines[index - 1] || !line.startsWith("until "));
  }

  async type(given: string): Promise<readonly string[]> {
    const line = given.trim();
    const [verb = "", ...words] = line.split(/\s+/);
    if (line === "" || line.startsWith("--")) return [];
    const command = (COMMANDS as CommandTable)[verb];
    if (command === undefined) throw unfit(line, `there is no command "${verb}", help lists those that there are`);
    return await command.run({ session: this, line, words, rest: line.slice(verb.length).trim() });
  }

  interrupt(): void {
    this.#run?.interrupt();
  }

  async end(): Promise<void> {
    this.isOver = true;
    await this.#run?.end();
    this.#run = undefined;
  }

  /** Goes on, and tells the last of what happened. */
  async go(line: string, goal: Goal, linesMax: number): Promise<readonly string[]> {
    this.assertGoing(line);
    const { records } = this.world.trace;
    const [lines, events] = [records.length, this.world.events];
    await this.#here.go(goal);
    const told = tellRecords(records.slice(lines), events + 1);
    const more = told.length > linesMax ? [`  … ${told.length - linesMax} lines before`] : [];
    return [...more, ...told.slice(-linesMax), ...this.tellPlace(this.world.events - events)];
  }

  /** Does something to the run, now and whenever it is run anew. */
  act(line: string, act: (world: ModelWorld) => void): readonly string[] {
    this.assertGoing(line);
    const { records } = this.world.trace;
    const lines = records.length;
    act(this.world);
    this.#deeds = [...this.#deeds, { at: this.#position, line, act }];
    return tellRecords(records.slice(lines), 0);
  }

  /** Runs anew up to some events before. */
  async back(line: string, events: number): Promise<readonly string[]> {
    const target = this.world.events - events;
    if (target < 0) throw unfit(line, `${this.world.events} events have run, and no more can be taken back`);
    const deeds = this.#deeds.filter(({ at }) => at.events <= target);
    await this.#again(deeds, { events: target, tick: 0 });
    return this.tellPlace(0);
  }

  /** Takes the last deed back, with all that came after it. */
  async undo(line: string): Promise<readonly string[]> {
    const last = this.#deeds.at(-1);
    if (last === undefined) throw unfit(line, "nothing was done to the run");
    await this.#again(this.#deeds.slice(0, -1), last.at);
    return [`taken back: ${last.line}`, ...this.tellPlace(0)];
  }

  /** Where the run stands, in a line or two. */
  tellPlace(events: number): readonly string[] {
    const { ended, world } = this.#here;
    if (ended !== undefined) return tellEnd(ended.failure, world);
    const next = world.scheduler.peek();
    const ran = events === 0 ? "" : `, ran ${events} event${events === 1 ? "" : "s"}`;
    const then = next === undefined ? "nothing is planned" : `next ${tellPlanned(next, world)}`;
    return [`at ${tellTime(world)}${ran}; ${then}`];
  }

  /** @throws OrreryError for a point that no run passes; one with a `*` may come only after something went wrong. */
  async assertPoint(line: string, name: string): Promise<void> {
    if (name.includes("*") || pointsIn(this.world).has(name)) return;
    this.#points ??= this.#pointsOfRun();
    const points = await this.#points;
    if (points.has(name)) return;
    const tip = points.size === 0 ? "" : `; one that is passed only after a fault is written "${name}*"`;
    throw unfit(line, `a run passes no point "${name}", there are ${listOf([...points])}${tip}`);
  }

  assertGoing(line: string): void {
    if (this.ended !== undefined) throw unfit(line, "the run has ended, go back, or quit");
  }

  async #again(deeds: readonly Deed[], target: Position): Promise<void> {
    await this.#run?.end();
    this.rules.clear();
    await this.begin();
    for (const { at, act } of deeds) {
      await this.#reach(at);
      act(this.world);
    }
    this.#deeds = deeds;
    await this.#reach(target);
  }

  async #reach({ events, tick }: Position): Promise<void> {
    const { world } = this;
    if (world.events < events) await this.#here.go({ isReached: () => world.events >= events });
    if (world.scheduler.tick < tick) await this.#here.go({ tick });
  }

  async #pointsOfRun(): Promise<ReadonlySet<string>> {
    const { seed, tape } = this.options;
    const run = await runScenario(this.scenario, {
      ...(seed !== undefined && { seed }),
      ...(tape && { tape }),
      trace: "keep",
    });
    return pointsIn(run.world);
  }

  get #position(): Position {
    const { events, scheduler } = this.world;
    const isLater = scheduler.tick > (scheduler.current?.tick ?? 0);
    return { events, tick: isLater ? scheduler.tick : 0 };
  }

  get #here(): SteppedRun {
    if (this.#run === undefined) throw new Error("Cannot use the session: it is over");
    return this.#run;
  }
}

function pointsIn({ trace }: Pick<World, "trace">): ReadonlySet<string> {
  const names = trace.records.flatMap(({ kind, what }) => (kind === "point" && what !== undefined ? [what.step] : []));
  return new Set(names);
}

function writePosition({ events, tick }: Position): readonly string[] {
  return [...(events > 0 ? [`until event ${events}`] : []), ...(tick > 0 ? [`until ${tick / 1000} ms`] : [])];
}
