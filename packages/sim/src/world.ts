import { type Component, type Directory, type LogSink, OrreryError } from "@orrery/core";
import { contractOf } from "@orrery/core/internal";
import { createDraws } from "./draws.ts";
import { formatKey } from "./event-key.ts";
import type { PlannedEvent } from "./event-queue.ts";
import { EPOCH_MS, EVENTS_MAX, TICKS_PER_MS } from "./limits.ts";
import {
  addressOf,
  createModelNode,
  type ModelNode,
  type ModelNodeBasis,
  type ModelNodeOptions,
} from "./model-node.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";
import { createSimNetwork, type LinkModel, type Place, type SimNetwork } from "./sim-network.ts";
import type { SimTransport } from "./sim-transport.ts";
import { drive } from "./system-drive.ts";
import type { LinkModels } from "./topologies.ts";
import { createTrace, describeMessage, type Trace } from "./trace.ts";

/** Options of a world. */
export interface WorldOptions {
  /** All chance of the world comes from it: the same seed and code give the same run. Default: 1. */
  readonly seed?: number;
  /** How messages pass between nodes. Default: 0.1 ms each way. */
  readonly link?: LinkModel | LinkModels;
  /** How long a connection lives on while nothing gets through, in ms. Default: 10,000. */
  readonly breakAfterMs?: number;
  /** Wall time at which the world begins, in ms since 1970. Default: the first of January 2026. */
  readonly epochMs?: number;
  /** Where the nodes' log lines go; their time is the world's. Default: nowhere. */
  readonly log?: LogSink;
  /** Whether the trace keeps its lines, or only their hash. Default: false. */
  readonly keepTrace?: boolean;
}

/** How far a world may run. */
export interface RunOptions {
  /** Virtual time to let pass, in ms; without it the world runs until nothing is left to happen. */
  readonly forMs?: number;
  /** Events after which a run is taken for one that never ends. Default: 10,000,000. */
  readonly eventsMax?: number;
}

/** How long to wait for something, in virtual time. */
export interface WaitOptions {
  /** Default: an hour. */
  readonly withinMs?: number;
}

/**
 * A whole network in one process, under a clock that stands still unless it is told to go on.
 * @example
 * const world = createWorld({ seed: 7, link: { latency: 5 } });
 * world.node("shop", { components: [shop] });
 * const visitor = world.node("visitor");
 * await world.start();
 * const reply = await world.settle(visitor.life.client(Shop).buy({ item: "gear" }));
 */
export interface World extends AsyncDisposable {
  readonly seed: number;
  /** Virtual time since the world began, in ms. */
  readonly elapsedMs: number;
  readonly nodes: ReadonlyMap<string, ModelNode>;
  readonly trace: Trace;
  /** Adds a node. @throws OrreryError `already_exists` for a name that is taken. */
  node(name: string, options?: ModelNodeOptions): ModelNode;
  /** Starts every node that was added since, and runs until all are up. */
  start(): Promise<void>;
  /** Runs one event; false when there is none. */
  step(): Promise<boolean>;
  /** Runs until nothing is left to happen, or for some time. */
  run(options?: RunOptions): Promise<void>;
  /** Runs until something is true, looking after each event. @throws OrreryError `deadline_exceeded`. */
  until(isTrue: () => boolean, options?: WaitOptions): Promise<void>;
  /** Runs until a promise is settled, and gives what it gives. @throws OrreryError `deadline_exceeded`. */
  settle<T>(promise: PromiseLike<T>, options?: WaitOptions): Promise<T>;
  /** Lets nothing pass any more between nodes of different groups; those that no group names can still reach all. */
  partition(...groups: readonly (readonly string[])[]): void;
  /** Lets nothing pass any more from one node to another; the way back stays open. */
  cut(from: string, to: string): void;
  /** Ends every partition and cut; what was held back goes on its way. */
  heal(): void;
  /** Ends all nodes at once. */
  end(): void;
}

/** Makes a world with no nodes, at the beginning of its time. */
export function createWorld(options: WorldOptions = {}): World {
  return new ModelWorld(options);
}

const WAIT_MS = 3_600_000;

/** Owns: time, the network, the nodes, the trace. I1: only one of its methods runs events at a time. */
class ModelWorld implements World {
  readonly seed: number;
  readonly trace: Trace;
  readonly nodes = new Map<string, ModelNode>();
  readonly #scheduler: Scheduler;
  readonly #network: SimNetwork<SimTransport>;
  readonly #basis: ModelNodeBasis;
  readonly #directory = new WorldDirectory();
  readonly #fresh = new Set<ModelNode>();
  #running = false;

  constructor(options: WorldOptions) {
    const { seed = 1, link = {}, breakAfterMs, epochMs = EPOCH_MS, log } = options;
    this.seed = seed;
    this.trace = createTrace(options.keepTrace ?? false);
    this.#scheduler = createScheduler((event) => this.#note(event));
    const draws = createDraws(seed);
    this.#network = createSimNetwork<SimTransport>({
      scheduler: this.#scheduler,
      draws,
      model: typeof link === "function" ? link : () => link,
      ...(breakAfterMs === undefined ? {} : { breakAfterMs }),
    });
    const onArrival: ModelNodeBasis["onArrival"] = (from, to, message) =>
      this.trace.add(`${from.name}>${to.name} ${describeMessage(message)}`);
    this.#basis = { network: this.#network, draws, directory: this.#directory, epochMs, log, onArrival };
  }

  get elapsedMs(): number {
    return this.#scheduler.tick / TICKS_PER_MS;
  }

  node(name: string, options: ModelNodeOptions = {}): ModelNode {
    if (this.nodes.has(name))
      throw new OrreryError(
        "already_exists",
        `Cannot add node "${name}": the world has one of that name, choose another`,
      );
    const place: Place = {
      name,
      number: this.nodes.size + 1,
      machine: options.machine ?? name,
      zone: options.zone ?? "",
    };
    const node = createModelNode(this.#basis, place, options);
    this.nodes.set(name, node);
    this.#fresh.add(node);
    this.#directory.add(addressOf(name), options.components ?? []);
    return node;
  }

  async start(): Promise<void> {
    const fresh = [...this.#fresh];
    this.#fresh.clear();
    await this.settle(Promise.all(fresh.map(({ life }) => life.start())));
  }

  async step(): Promise<boolean> {
    let ran = false;
    await this.#drive(() => {
      if (ran) return false;
      ran = this.#scheduler.step() !== undefined;
      return ran;
    });
    return ran;
  }

  async run({ forMs, eventsMax = EVENTS_MAX }: RunOptions = {}): Promise<void> {
    const endTick = forMs === undefined ? Number.POSITIVE_INFINITY : this.#tickAfter(forMs);
    let events = 0;
    await this.#drive(() => {
      if (events++ >= eventsMax) throw this.#endless(eventsMax);
      return this.#stepBefore(endTick);
    });
    if (forMs !== undefined) this.#scheduler.advance(endTick);
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

  partition(...groups: readonly (readonly string[])[]): void {
    for (const name of groups.flat()) this.#assertNode(name);
    for (const [index, group] of groups.entries()) {
      for (const other of groups.slice(index + 1).flat()) {
        for (const name of group) {
          this.cut(name, other);
          this.cut(other, name);
        }
      }
    }
  }

  cut(from: string, to: string): void {
    this.#assertNode(from);
    this.#assertNode(to);
    this.#network.cut(from, to);
  }

  heal(): void {
    this.#network.mend();
  }

  end(): void {
    for (const node of this.nodes.values()) node.crash();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
  }

  #note(event: PlannedEvent): void {
    this.trace.add(formatKey(event));
  }

  #tickAfter(ms: number): number {
    if (!(ms >= 0)) throw new OrreryError("invalid_argument", `Cannot run for ${ms} ms: write a number from 0`);
    return this.#scheduler.tick + Math.round(ms * TICKS_PER_MS);
  }

  #stepBefore(endTick: number): boolean {
    const { nextTick } = this.#scheduler;
    if (nextTick === undefined || nextTick > endTick) return false;
    this.#scheduler.step();
    return true;
  }

  async #drive(step: () => boolean): Promise<void> {
    if (this.#running)
      throw new OrreryError("failed_precondition", "Cannot run the world: it is running, wait for what runs it"); // I1
    this.#running = true;
    try {
      await drive(step);
    } finally {
      this.#running = false;
    }
  }

  #late(what: string, withinMs: number): OrreryError {
    const why =
      this.#scheduler.planned === 0
        ? "nothing is left to happen, so it waits for something outside of the world, or for nothing"
        : `${withinMs} ms have passed`;
    return new OrreryError("deadline_exceeded", `Cannot wait on at ${this.elapsedMs} ms: ${what}, and ${why}`);
  }

  #endless(eventsMax: number): OrreryError {
    const text = `Cannot run on at ${this.elapsedMs} ms: ${eventsMax} events have run and ${this.#scheduler.planned} are planned, give forMs or a larger eventsMax`;
    return new OrreryError("resource_exhausted", text);
  }

  #assertNode(name: string): void {
    if (this.nodes.has(name)) return;
    const known = [...this.nodes.keys()].map((node) => `"${node}"`).join(", ");
    throw new OrreryError("not_found", `Cannot find node "${name}": the world has ${known === "" ? "none" : known}`);
  }
}

/** Where each component of the world runs, also while its node is down. */
class WorldDirectory implements Directory {
  readonly #addresses = new Map<string, readonly string[]>();

  resolve(component: string): readonly string[] {
    return this.#addresses.get(component) ?? NOWHERE;
  }

  components(): readonly string[] {
    return [...this.#addresses.keys()].sort();
  }

  add(address: string, components: readonly Component[]): void {
    for (const { service } of components) {
      const { name } = contractOf(service);
      this.#addresses.set(name, [...this.resolve(name), address]);
    }
  }
}

const NOWHERE: readonly string[] = Object.freeze([]);
