import {
  type LogEntry,
  type MessageEvent,
  OrreryError,
  type PointAction,
  type PointMatch,
  type PointRule,
} from "@orrery/core";
import { applyFault, type FaultTarget } from "./apply-fault.ts";
import { type Choices, createChoices } from "./choices.ts";
import { createDraw } from "./draw.ts";
import { createDraws } from "./draws.ts";
import { Phase } from "./event-key.ts";
import type { PlannedEvent } from "./event-queue.ts";
import type { Fault, TimedFault } from "./fault.ts";
import { readFault, writeFault } from "./fault-text.ts";
import { EPOCH_MS, EVENTS_MAX, TICKS_PER_MS } from "./limits.ts";
import { assertLinkModel } from "./link-model.ts";
import type { MessageFate, MessageMatch, MessageRule } from "./message-rules.ts";
import {
  addressOf,
  createModelNode,
  type HostedNode,
  type ModelNodeBasis,
  type ModelNodeOptions,
} from "./model-node.ts";
import { joinRules } from "./point-rules.ts";
import { isRareCase } from "./rare.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";
import { createScripts, type Scripts } from "./scripts.ts";
import { createSimNetwork, type Place, type SimNetwork } from "./sim-network.ts";
import { swizzle } from "./swizzle.ts";
import { drive, type Pace, paceOf, type Step } from "./system-drive.ts";
import { createTape, type Tape } from "./tape.ts";
import { type AttachedTime, createAttachedTime, readTimestamps } from "./timestamps.ts";
import { createTrace, type TraceWriter } from "./trace.ts";
import { noteLife, noteLost, watchNode } from "./trace-notes.ts";
import type { Draw, RunOptions, WaitOptions, World } from "./world.ts";
import { WorldDirectory } from "./world-directory.ts";
import type { WorldOptions, WorldShare } from "./world-options.ts";

const WAIT_MS = 3_600_000;

/** Names of nodes stand in addresses and in the text of faults. */
const NAME = /^[^\s/?#*>,|]+$/;

function assertPlace({ name, machine, zone }: Omit<Place, "number">, others: Iterable<HostedNode>): void {
  if (!NAME.test(name))
    throw new OrreryError(
      "invalid_argument",
      `Cannot add node "${name}": write a name without spaces and / ? # * > , |`,
    );
  for (const other of others) {
    if (other.machine !== machine || other.zone === zone) continue;
    const text = `Cannot add node "${name}" in zone "${zone}": its machine "${machine}" is in zone "${other.zone}", where "${other.name}" runs; a machine is in one zone`;
    throw new OrreryError("invalid_argument", text);
  }
}

/** Owns: time, the network, the nodes, the trace. I1: only one of its methods runs events at a time. */
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
  readonly #fresh = new Set<HostedNode>();
  readonly #time: AttachedTime;
  readonly #planned = new Set<PlannedEvent>();
  readonly #isShared: boolean;
  #running = false;
  #isOver = false;
  events = 0;
  /** Every fault that was planned. */
  readonly faults: TimedFault[] = [];
  /** Operations of the workload, by purpose, those included that were left out. */
  readonly operationCounts: Record<string, number> = {};
  /** Called before each event, when all that the one before led to has happened; what it throws ends the run. */
  onQuiet: (() => void) | undefined;
  /** Told of each moment of each message at nodes that are added from now on. */
  onMessage: ((event: MessageEvent) => void) | undefined;
  /** Told of each event before it runs. */
  onEvent: ((event: PlannedEvent) => void) | undefined;
  /** Runs the next event up to a tick in the place of the scheduler; false when there is none, or what to wait for first. */
  gate: ((endTick: number) => boolean | Promise<void>) | undefined;

  constructor(options: WorldOptions, share?: WorldShare) {
    this.#options = options;
    this.#isShared = share !== undefined;
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
    const draws = createDraws(this.seed);
    const { picks, calm } = this.#tape;
    this.#choices = createChoices({ draws, picks, calm, notes: options.notes ?? false });
    this.network = this.#layNetwork(share);
    this.#scripts = createScripts(this.scheduler);
    this.#time = createAttachedTime(readTimestamps(options.timestamps, options.epochMs ?? EPOCH_MS));
    this.#basis = {
      network: this.network,
      draws,
      choices: this.#choices,
      directory: this.#directory,
      timeOf: this.#time.timeOf,
      hooks: (_node, { number }) => ({
        ...watchNode(this.trace, number, this.onMessage),
        ...(options.rare === true && { maybe: (site) => isRareCase(this.#choices, site) }),
      }),
      onLog: (place, entry) => this.#noteLog(place, entry),
      onLife: ({ number }, step) => this.#isOver || this.trace.note(noteLife(number, step)),
      isHere: share?.isHere ?? (() => true),
    };
    this.#target = {
      network: this.network,
      nodeOf: (name) => this.#nodeOf(name),
      nodes: () => this.nodes.values(),
      onRestart: (node, started) => {
        if (this.#basis.isHere(node.place)) this.#scripts.begin(node, started);
      },
    };
    for (const { atMs, fault } of this.#tape.faults) this.#plan(atMs, fault, true);
  }

  get elapsedMs(): number {
    return this.scheduler.tick / TICKS_PER_MS;
  }

  get epochMs(): number {
    return this.#basis.timeOf(0);
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
    assertPlace({ name, machine, zone }, this.nodes.values());
    const place: Place = { name, number: this.nodes.size + 1, machine, zone };
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

  async step(): Promise<boolean> {
    let ran = false;
    await this.#drive(() => {
      const more = !ran && this.#stepBefore(Number.POSITIVE_INFINITY);
      ran ||= more === true;
      return more;
    });
    return ran;
  }

  async tick(): Promise<boolean> {
    const { nextTick } = this.scheduler;
    if (nextTick === undefined) return false;
    await this.#drive(() => this.#stepBefore(nextTick));
    return true;
  }

  async run({ forMs, until, eventsMax = EVENTS_MAX, speed }: RunOptions = {}): Promise<void> {
    const endTick = forMs === undefined ? Number.POSITIVE_INFINITY : this.#tickAfter(forMs);
    let events = 0;
    let isStopped = false;
    const step = () => {
      if (until?.() === true) isStopped = true;
      if (isStopped) return false;
      if (events++ >= eventsMax) throw this.#endless(eventsMax);
      return this.#stepBefore(endTick);
    };
    await this.#drive(step, speed === undefined ? undefined : paceOf(speed, this.scheduler));
    if (forMs !== undefined && !isStopped) this.scheduler.advance(endTick);
  }

  async until(isTrue: () => boolean, { withinMs = WAIT_MS }: WaitOptions = {}): Promise<void> {
    const endTick = this.#tickAfter(withinMs);
    await this.#drive(() => !isTrue() && this.#stepBefore(endTick));
    if (isTrue()) return;
    throw this.#late("it did not become true", withinMs);
  }

  async settle<T>(promise: PromiseLike<T>, { withinMs = WAIT_MS }: WaitOptions = {}): Promise<T> {
    let isSettled = false;
    const settled = () => {
      isSettled = true;
    };
    promise.then(settled, settled);
    const endTick = this.#tickAfter(withinMs);
    await this.#drive(() => !isSettled && this.#stepBefore(endTick));
    if (!isSettled) throw this.#late("the promise is still pending", withinMs);
    return await promise;
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
    this.#plan(atMs, typeof given === "string" ? readFault(given) : given, false);
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
    for (const { atMs, fault } of swizzle({ nodes, stepMs, fromMs: this.elapsedMs, draw: this.draw("swizzle") }))
      this.#plan(atMs, fault, false);
  }

  async recover(): Promise<void> {
    for (const event of this.#planned) this.scheduler.cancel(event);
    this.#planned.clear();
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
    await this.#drive(() => !isStopped() && this.#stepBefore(tick - 1));
  }

  /** Lets a moment that is not over show a wall time, in ms since 1970; time passes on from there. @throws OrreryError for one that goes back. */
  attach(timeMs: number, atTick: number): void {
    this.#time.attach(timeMs, atTick);
  }

  #hooks() {
    const { strategy } = this.#options;
    const { delays } = this.#tape;
    const idOf = ({ origin, sequence }: PlannedEvent) => `${this.#names[origin] ?? ""}#${sequence}`;
    return {
      strategy,
      watch: (event: PlannedEvent) => {
        this.events++;
        this.trace.event(event);
        this.onEvent?.(event);
      },
      onPutOff: (event: PlannedEvent, byTicks: number) => {
        const id = idOf(event);
        this.#delays[id] = (this.#delays[id] ?? 0) + byTicks;
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
    await node.life.start();
  }

  /** Plans a fault. One that an old tape names for a node that is no more is passed over. */
  #plan(atMs: number, fault: Fault, isSoft: boolean): void {
    this.faults.push({ atMs, fault });
    const delayTicks = Math.max(0, Math.round(atMs * TICKS_PER_MS) - this.scheduler.tick);
    const run = () => {
      this.#planned.delete(event);
      try {
        applyFault(fault, this.#target);
      } catch (error) {
        if (!isSoft || !(error instanceof OrreryError && error.code === "not_found")) throw error;
      }
    };
    const note = writeFault(fault);
    const event = this.scheduler.after(delayTicks, {
      phase: Phase.fault,
      target: 0,
      origin: 0,
      note,
      run,
      isGiven: true,
    });
    this.#planned.add(event);
  }

  #tickAfter(ms: number): number {
    if (!(ms >= 0)) throw new OrreryError("invalid_argument", `Cannot run for ${ms} ms: write a number from 0`);
    return this.scheduler.tick + Math.round(ms * TICKS_PER_MS);
  }

  #stepBefore(endTick: number): boolean | Promise<void> {
    this.onQuiet?.();
    return this.gate?.(endTick) ?? this.scheduler.step(endTick) !== undefined;
  }

  async #drive(step: Step, pace?: Pace): Promise<void> {
    if (this.#running)
      throw new OrreryError("failed_precondition", "Cannot run the world: it is running, wait for what runs it"); // I1
    this.#running = true;
    try {
      await drive(step, pace);
    } finally {
      this.#running = false;
    }
  }

  #late(what: string, withinMs: number): OrreryError {
    const why =
      this.scheduler.planned === 0
        ? "nothing is left to happen, so it waits for something outside of the world, or for nothing"
        : `${withinMs} ms have passed`;
    return new OrreryError("deadline_exceeded", `Cannot wait on at ${this.elapsedMs} ms: ${what}, and ${why}`);
  }

  #endless(eventsMax: number): OrreryError {
    const text = `Cannot run on at ${this.elapsedMs} ms: ${eventsMax} events have run and ${this.scheduler.planned} are planned, give forMs or a larger eventsMax`;
    return new OrreryError("resource_exhausted", text);
  }

  #nodeOf(name: string): HostedNode {
    const node = this.nodes.get(name);
    if (node !== undefined) return node;
    const known = [...this.nodes.keys()].map((other) => `"${other}"`).join(", ");
    throw new OrreryError("not_found", `Cannot find node "${name}": the world has ${known === "" ? "none" : known}`);
  }
}
