import { type LogEntry, OrreryError, type PointAction, type PointMatch, type PointRule } from "@orrery/core";
import { watchWorld } from "../capture/watch-world.ts";
import { createWorldCapture } from "../capture/world-capture.ts";
import { type Choices, createChoices } from "../chance/choices.ts";
import { createDraws } from "../chance/draws.ts";
import { isRareCase } from "../chance/rare.ts";
import { createTape, type Tape } from "../chance/tape.ts";
import { applyFault, type FaultTarget } from "../faults/apply-fault.ts";
import type { Fault, TimedFault } from "../faults/fault.ts";
import { createFaultPlan, type FaultPlan } from "../faults/fault-plan.ts";
import { readFault, writeFault } from "../faults/fault-text.ts";
import { swizzle } from "../faults/swizzle.ts";
import { EPOCH_MS, TICKS_PER_MS } from "../limits.ts";
import { assertLinkModel } from "../network/link-model.ts";
import type { MessageFate, MessageMatch, MessageRule } from "../network/message-rules.ts";
import { createSimNetwork, type Place, type SimNetwork } from "../network/sim-network.ts";
import type { PlannedEvent } from "../order/event-queue.ts";
import { createScheduler, type Scheduler } from "../order/scheduler.ts";
import { type AttachedTime, createAttachedTime, readTimestamps } from "../time/timestamps.ts";
import { createTrace, type TraceWriter } from "../trace/trace.ts";
import { type NodeWatch, noteLife, noteLost, watchNode } from "../trace/trace-notes.ts";
import { createDraw } from "./draw.ts";
import {
  addressOf,
  createModelNode,
  type HostedNode,
  type ModelNodeBasis,
  type ModelNodeOptions,
} from "./model-node.ts";
import { assertPlace } from "./place.ts";
import { joinRules } from "./point-rules.ts";
import { createScripts, type Scripts } from "./scripts.ts";
import { type WhenMessage, type WhenPoint, whenMessage, whenPoint } from "./when.ts";
import type { Draw, RunOptions, WaitOptions, World } from "./world.ts";
import { WorldDirectory } from "./world-directory.ts";
import type { WorldOptions, WorldShare } from "./world-options.ts";
import { createWorldRunner, type RunnerHooks, type WorldRunner } from "./world-runner.ts";

/** Owns: time, the network, the nodes, the trace. */
export class ModelWorld implements World {
  readonly seed: number;
  readonly trace: TraceWriter;
  readonly nodes = new Map<string, HostedNode>();
  readonly scheduler: Scheduler;
  readonly network: SimNetwork;
  readonly #options: WorldOptions;
  readonly #tape: Tape;
  readonly #delays: Record<string, number> = {};
  readonly #choices: Choices;
  readonly #basis: ModelNodeBasis;
  readonly #directory = new WorldDirectory();
  readonly #scripts: Scripts;
  readonly #target: FaultTarget;
  readonly #names: string[] = [""];
  /** A node of each machine. */
  readonly #machines = new Map<string, Place>();
  readonly #fresh = new Set<HostedNode>();
  readonly #time: AttachedTime;
  readonly #faultPlan: FaultPlan;
  readonly #isShared: boolean;
  readonly #runner: WorldRunner;
  #isOver = false;
  readonly capture: RunnerHooks["capture"];
  readonly watchdog: RunnerHooks["watchdog"];
  events = 0;
  /** Operations of the workload, by purpose, those included that were left out. */
  readonly operationCounts: Record<string, number> = {};
  /** Called before each event, when all that the one before led to has happened; what it throws ends the run. */
  onQuiet: (() => void) | undefined;
  /** Who listens to what nodes do that are added from now on. */
  readonly watches: NodeWatch[];
  /** Told of each event before it runs. */
  onEvent: ((event: PlannedEvent) => void) | undefined;
  /** Runs the next event up to a tick in the place of the scheduler; false when there is none, or what to wait for first. */
  gate: ((endTick: number) => boolean | Promise<void>) | undefined;

  constructor(options: WorldOptions, share?: WorldShare) {
    this.#options = options;
    this.watches = [...(options.watch ?? [])];
    this.#isShared = share !== undefined;
    this.capture = options.capture === undefined ? undefined : createWorldCapture(options.capture);
    this.#tape = options.tape ?? createTape(options.seed ?? 1);
    this.seed = options.seed ?? this.#tape.seed;
    const nameOf = (node: number) => this.#names[node] ?? "";
    this.trace = createTrace({
      mode: options.trace ?? "hash",
      nameOf,
      now: () => this.scheduler.tick,
      onRecord: options.onTrace,
    });
    this.scheduler = createScheduler(this.#hooks());
    const { spinMs } = options;
    this.watchdog = spinMs === undefined ? undefined : watchWorld(spinMs, { scheduler: this.scheduler, nameOf });
    const draws = createDraws(this.seed);
    const { picks, calm } = this.#tape;
    this.#choices = createChoices({ draws, picks, calm, notes: options.notes ?? false });
    this.network = this.#layNetwork(share);
    this.#runner = createWorldRunner(this.scheduler, this);
    this.#scripts = createScripts(this.scheduler);
    this.#time = createAttachedTime(readTimestamps(options.timestamps, options.epochMs ?? EPOCH_MS));
    this.#basis = {
      network: this.network,
      draws,
      choices: this.#choices,
      directory: this.#directory,
      timeOf: this.#time.timeOf,
      hooks: (_node, { number }) => ({
        ...watchNode(this.trace, number, this.watches),
        ...(options.rare === true && { maybe: (site) => isRareCase(this.#choices, site) }),
      }),
      onLog: (place, entry) => this.#noteLog(place, entry),
      onLife: ({ number }, step) => this.#isOver || this.trace.note(noteLife(number, step)),
      isHere: share?.isHere ?? (() => true),
      capture: this.capture,
    };
    this.#target = {
      network: this.network,
      nodeOf: (name) => this.#nodeOf(name),
      nodes: () => this.nodes.values(),
      onRestart: (node, started) => {
        if (this.#basis.isHere(node.place)) this.#scripts.begin(node, started);
      },
    };
    this.#faultPlan = createFaultPlan(this.scheduler, this.#target);
    for (const fault of this.#tape.faults) this.#faultPlan.add(fault, { isSoft: true });
  }

  get elapsedMs(): number {
    return this.scheduler.tick / TICKS_PER_MS;
  }

  get epochMs(): number {
    return this.#basis.timeOf(0);
  }

  /** Every fault that was planned. */
  get faults(): readonly TimedFault[] {
    return this.#faultPlan.faults;
  }

  get planned(): number {
    return this.scheduler.planned;
  }

  get tape(): Tape {
    return {
      ...this.#tape,
      seed: this.seed,
      picks: { ...this.#tape.picks, ...this.#choices.noted },
      delays: { ...this.#tape.delays, ...this.#delays },
    };
  }

  node(name: string, options: ModelNodeOptions = {}): HostedNode {
    if (this.nodes.has(name))
      throw new OrreryError(
        "already_exists",
        `Cannot add node "${name}": the world has one of that name, choose another`,
      );
    const { machine = name, zone = "" } = options;
    const place: Place = { name, number: this.nodes.size + 1, machine, zone };
    assertPlace(place, this.#machines.get(machine));
    this.#machines.set(machine, place);
    this.network.name(addressOf(name), place);
    this.#names.push(name);
    const node = createModelNode(this.#basis, place, options);
    this.nodes.set(name, node);
    this.#directory.add(addressOf(name), node.services);
    this.#scripts.add(node, options.run);
    if (this.#tape.absent.includes(name)) node.crash();
    else this.#fresh.add(node);
    return node;
  }

  async start(): Promise<void> {
    await this.settle(Promise.all(this.begin()));
  }

  /** Starts every node that was added since, without running the world; gives what ends when each is up. */
  begin(): readonly Promise<void>[] {
    const fresh = [...this.#fresh].filter((node) => this.#basis.isHere(node.place));
    this.#fresh.clear();
    const started = fresh.map((node) => node.whileAlive(this.#startNode(node)));
    for (const [index, node] of fresh.entries()) this.#scripts.begin(node, started[index] as Promise<void>);
    return started;
  }

  async finish(options: WaitOptions = {}): Promise<void> {
    if (this.#fresh.size > 0) await this.start();
    await this.settle(this.#scripts.ended(), options);
  }

  step(): Promise<boolean> {
    return this.#runner.step();
  }

  tick(): Promise<boolean> {
    return this.#runner.tick();
  }

  run(options: RunOptions = {}): Promise<void> {
    return this.#runner.run(options);
  }

  until(isTrue: () => boolean, options: WaitOptions = {}): Promise<void> {
    return this.#runner.until(isTrue, options);
  }

  settle<T>(promise: PromiseLike<T>, options: WaitOptions = {}): Promise<T> {
    return this.#runner.settle(promise, options);
  }

  inject(given: Fault | string): void {
    const fault = typeof given === "string" ? readFault(given) : given;
    this.trace.note({ kind: "fault", node: 0, text: writeFault(fault) });
    applyFault(fault, this.#target);
  }

  at(atMs: number, given: Fault | string): void {
    if (!(atMs >= this.elapsedMs)) {
      const text = `Cannot plan a fault at ${atMs} ms: the world is at ${this.elapsedMs} ms, write a later time`;
      throw new OrreryError("invalid_argument", text);
    }
    this.#faultPlan.add({ atMs, fault: typeof given === "string" ? readFault(given) : given });
  }

  partition(...groups: readonly (readonly string[])[]): void {
    this.inject({ verb: "partition", groups });
  }

  cut(from: string, to: string): void {
    this.inject({ verb: "cut", from, to });
  }

  heal(): void {
    this.inject({ verb: "heal" });
  }

  swizzle(nodes: readonly string[], { stepMs }: { readonly stepMs: number }): void {
    for (const name of nodes) this.#nodeOf(name);
    const draw = this.draw("swizzle");
    for (const fault of swizzle({ nodes, stepMs, fromMs: this.elapsedMs, draw })) this.#faultPlan.add(fault);
  }

  async recover(): Promise<void> {
    this.#faultPlan.clear();
    this.network.rules.clear();
    this.network.recover();
    const down: Promise<void>[] = [];
    for (const node of this.nodes.values()) {
      const { name, place, points } = node;
      points.clear();
      this.scheduler.resume(place.number);
      this.scheduler.slow(place.number, 0);
      node.setDisk("ok");
      if (node.alive || this.#tape.absent.includes(name) || !this.#basis.isHere(place)) continue;
      down.push(node.restart());
    }
    this.trace.note({ kind: "fault", node: 0, text: "recover" });
    await this.settle(Promise.all(down));
  }

  messages(match: MessageMatch, fate: MessageFate): MessageRule {
    for (const name of [match.from, match.to]) if (name !== undefined) this.#nodeOf(name);
    if (this.#isShared && match.nth !== undefined && match.from === undefined) {
      const text =
        "Cannot add a rule for messages: no process counts those of all nodes, say from which node the nth is";
      throw new OrreryError("failed_precondition", text);
    }
    return this.network.rules.add(match, fate);
  }

  points(match: PointMatch, action: PointAction): PointRule {
    return joinRules([...this.nodes.values()].map(({ points }) => points.inject(match, action)));
  }

  message(method?: string): WhenMessage {
    return whenMessage(method === undefined ? {} : { method }, (match, fate) => this.messages(match, fate));
  }

  when(point: string): WhenPoint {
    return whenPoint({ at: point }, (match, action) => this.points(match, action));
  }

  draw(purpose: string): Draw {
    return createDraw(this.#choices, purpose);
  }

  operations<T>(purpose: string, count: number, make: (draw: Draw, index: number) => T): readonly T[] {
    this.operationCounts[purpose] = (this.operationCounts[purpose] ?? 0) + count;
    const dropped = this.#choices.site("drop", purpose);
    const all = Array.from({ length: count }, (_, index) => ({
      isDropped: dropped.next(() => 0) === 1,
      operation: make(this.draw(`${purpose}/${index}`), index),
    }));
    return all.flatMap(({ isDropped, operation }) => (isDropped ? [] : [operation]));
  }

  end(): void {
    this.#isOver = true;
    for (const node of this.nodes.values()) node.crash();
    this.capture?.[Symbol.dispose]();
    this.watchdog?.[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
  }

  /** What nodes do by themselves. */
  get scripts(): Scripts {
    return this.#scripts;
  }

  /** Runs what stands before a tick, or up to where something becomes true, for a clock that several processes share. */
  async runBefore(tick: number, isStopped: () => boolean = () => false): Promise<void> {
    await this.#runner.runBefore(tick, isStopped);
  }

  /** Lets a moment that is not over show a wall time, in ms since 1970; time passes on from there. @throws OrreryError for one that goes back. */
  attach(timeMs: number, atTick: number): void {
    this.#time.attach(timeMs, atTick);
  }

  #hooks() {
    const { strategy } = this.#options;
    const { delays } = this.#tape;
    const idOf = ({ origin, sequence }: PlannedEvent) => `${this.#names[origin] ?? ""}#${sequence}`;
    const capture = this.capture;
    return {
      strategy,
      ...(capture && { enter: ({ target, run }: PlannedEvent) => capture.run(target, run) }),
      watch: (event: PlannedEvent) => {
        this.events++;
        this.watchdog?.beat();
        this.trace.event(event);
        this.onEvent?.(event);
      },
      onPutOff: (event: PlannedEvent, byTicks: number) => {
        this.#delays[idOf(event)] = byTicks;
      },
      ...(Object.keys(delays).length > 0 && { delayOf: (event: PlannedEvent) => delays[idOf(event)] ?? 0 }),
    };
  }

  #layNetwork(share: WorldShare | undefined): SimNetwork {
    const { link = {}, breakAfterMs } = this.#options;
    if (typeof link !== "function") assertLinkModel(link);
    return createSimNetwork({
      scheduler: this.scheduler,
      choices: this.#choices,
      model: typeof link === "function" ? link : () => link,
      ...(breakAfterMs === undefined ? {} : { breakAfterMs }),
      ...share,
      onLost: (from, to, frame, why) => this.trace.note(noteLost(from, to, frame, why)),
    });
  }

  #noteLog(place: Place, entry: LogEntry): void {
    const { flow } = entry.fields;
    const text = `${entry.level} ${entry.text}`;
    this.trace.note({ kind: "log", node: place.number, text, ...(typeof flow === "string" && { flow }) });
    this.#options.log?.(entry);
  }

  async #startNode(node: HostedNode): Promise<void> {
    const { startWithinMs = 0 } = this.#options;
    if (startWithinMs > 0) {
      const offsetTicks = this.#choices
        .site("start", node.name)
        .next((random) => Math.round(random.next() * startWithinMs * TICKS_PER_MS));
      await node.clock.sleep(offsetTicks / TICKS_PER_MS);
    }
    const start = () => node.life.start();
    await (this.capture?.run(node.place.number, start) ?? start());
  }

  #nodeOf(name: string): HostedNode {
    const node = this.nodes.get(name);
    if (node !== undefined) return node;
    const known = [...this.nodes.keys()].map((other) => `"${other}"`).join(", ");
    throw new OrreryError("not_found", `Cannot find node "${name}": the world has ${known === "" ? "none" : known}`);
  }
}
