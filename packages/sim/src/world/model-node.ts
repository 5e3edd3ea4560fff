import {
  type Clock,
  type Component,
  createNode,
  createPoints,
  type Directory,
  type Journal,
  type LimitsSource,
  type LogEntry,
  type Node,
  type NodeOptions,
  OrreryError,
  type PointHook,
  type Points,
  type Relay,
  type TelemetrySource,
} from "@orrery/core";
import { contractOf } from "@orrery/core/internal";
import type { WorldCapture } from "../capture/world-capture.ts";
import type { Choices } from "../chance/choices.ts";
import type { Draws } from "../chance/draws.ts";
import type { Place, SimNetwork } from "../network/sim-network.ts";
import { createSimTransport, type SimTransport } from "../network/sim-transport.ts";
import { type ClockSkew, createNodeClock, type NodeClock } from "../time/node-clock.ts";
import { createDisk, type Disk, type DiskState, type ModelDisk } from "./disk.ts";

/** What a modelled node runs, and where. */
export interface ModelNodeOptions {
  /** Default: none, a client. Give a function where they need what outlives a crash: it is called for each life. */
  readonly components?: readonly Component[] | ((machine: Machine) => readonly Component[]);
  /** Where it finds components; made anew for each life. Default: a table of all nodes of the world, also of those that are down. */
  readonly directory?: (machine: Machine) => Directory;
  /** What limits its messages; made anew for each life. Default: nothing. */
  readonly limits?: (machine: Machine) => LimitsSource;
  /** Passes on messages for components that it does not serve; asked for in each life. Default: they are refused. */
  readonly relay?: (machine: Machine) => Relay;
  /** Where its kept messages are safe; made anew for each life, most often by `createDiskJournal`. Default: nowhere. */
  readonly journal?: (machine: Machine) => Journal;
  /** Where its logs, traces and metrics go; made anew for each life. Default: nowhere. */
  readonly telemetry?: (machine: Machine) => TelemetrySource;
  /** What the node does by itself once it is up, in each of its lives: the workload of a scenario. Default: nothing. */
  readonly run?: (node: ModelNode) => Promise<void> | void;
  /** Machine that it runs on; nodes of one machine are near one another. Default: one of its own. */
  readonly machine?: string;
  /** Network that its machine is in, such as a data centre. Default: one for all nodes that name none. */
  readonly zone?: string;
  /** How its clock differs from the world's. Default: not at all. */
  readonly skew?: ClockSkew;
  /** Agent of messages that no other message has led to. Default: anonymous. */
  readonly agent?: string;
  /** Seals of bodies, as of any node. Links between nodes of a world carry bytes, so they see sealed ones. Default: none. */
  readonly seals?: NodeOptions["seals"];
}

/** What of a node outlives its crashes. */
export interface Machine {
  readonly disk: Disk;
}

/** A node of a modelled network: production code, under the world's clock. It may crash and start again, and is then another incarnation. */
export interface ModelNode {
  readonly name: string;
  readonly machine: string;
  readonly zone: string;
  /** The node of its present life. */
  readonly life: Node;
  readonly clock: NodeClock;
  /** Files that outlive a crash, as far as they were synced. */
  readonly disk: Disk;
  /** Whether it runs. */
  readonly alive: boolean;
  /** Ends it at once, in the middle of whatever it does. Nothing of this life has any effect afterwards. */
  crash(): void;
  /** Begins a new life with fresh instances. Run the world until it is up: `world.settle(node.restart())`. */
  restart(options?: { readonly emptyDisk?: boolean }): Promise<void>;
}

/** What the nodes of a world share. */
export interface ModelNodeBasis {
  readonly network: SimNetwork;
  readonly draws: Draws;
  readonly choices: Choices;
  readonly directory: Directory;
  readonly timeOf: (tick: number) => number;
  /** Options of every node that the world watches or decides by. */
  readonly hooks: (node: ModelNode, place: Place) => Partial<NodeOptions>;
  readonly onLog: (place: Place, entry: LogEntry) => void;
  /** Told when a life ends by a crash, and when the next begins. */
  readonly onLife: (place: Place, step: "crash" | "restart") => void;
  /** Whether a node is of this process; another one only has a name here. */
  readonly isHere: (place: Place) => boolean;
  /** Holds the globals that its code uses. */
  readonly capture: WorldCapture | undefined;
}

/** The world's side of a node. */
export interface HostedNode extends ModelNode {
  readonly place: Place;
  /** Whether this process runs it. */
  readonly isHere: boolean;
  readonly points: Points;
  /** Names of the services that it serves. */
  readonly services: readonly string[];
  setDisk(state: DiskState): void;
  /** Sets its wall clock ahead, or back, where it is of this process. */
  setClockAhead(byMs: number): void;
  /** Waits for something of the present life, and no longer once that life is over: then it would never come. */
  whileAlive(something: Promise<void>): Promise<void>;
}

/** The address of a modelled node. */
export function addressOf(name: string): string {
  return `sim://${name}`;
}

/** Makes a modelled node; it does nothing before its life is started. */
export function createModelNode(basis: ModelNodeBasis, place: Place, options: ModelNodeOptions): HostedNode {
  assertSkew(place.name, options.skew);
  return new RestartableNode(basis, place, options);
}

/** One life of a node, and what belongs to it alone. */
interface Life {
  readonly node: Node;
  readonly clock: NodeClock;
  readonly transport: SimTransport;
  readonly over: PromiseWithResolvers<void>;
}

class RestartableNode implements HostedNode {
  readonly place: Place;
  readonly points: Points;
  readonly disk: ModelDisk;
  readonly #basis: ModelNodeBasis;
  readonly #options: ModelNodeOptions;
  #lives = 0;
  #incarnation = 0;
  #life: Life | undefined;
  alive = true;

  constructor(basis: ModelNodeBasis, place: Place, options: ModelNodeOptions) {
    this.#basis = basis;
    this.place = place;
    this.#options = options;
    const clock = (): Clock => this.clock;
    this.disk = createDisk({ node: place.name, clock, survival: basis.choices.site("disk", place.name) });
    this.points = createPoints({ clock: presentClock(clock), crashNode: () => this.crash() });
    if (basis.isHere(place)) this.#life = this.#begin(options.skew?.offsetMs ?? 0);
  }

  get name(): string {
    return this.place.name;
  }

  get machine(): string {
    return this.place.machine;
  }

  get zone(): string {
    return this.place.zone;
  }

  get life(): Node {
    return this.#here.node;
  }

  get clock(): NodeClock {
    return this.#here.clock;
  }

  crash(): void {
    if (!this.alive) return;
    this.alive = false;
    this.#basis.onLife(this.place, "crash");
    this.#life?.transport.kill();
    this.#life?.clock.stop();
    this.#life?.over.resolve();
    this.disk.crash();
  }

  async restart({ emptyDisk = false }: { readonly emptyDisk?: boolean } = {}): Promise<void> {
    this.crash();
    if (emptyDisk) this.disk.wipe();
    this.alive = true;
    this.#basis.onLife(this.place, "restart");
    if (this.#life === undefined) return;
    this.#life = this.#begin(this.#life.clock.offsetMs); // The machine's wall clock outlives its processes.
    const { node } = this.#life;
    await this.whileAlive(this.#basis.capture?.run(this.place.number, () => node.start()) ?? node.start());
  }

  whileAlive(something: Promise<void>): Promise<void> {
    return Promise.race([something, this.#here.over.promise]);
  }

  get isHere(): boolean {
    return this.#life !== undefined;
  }

  get services(): readonly string[] {
    return this.#components().map(({ service }) => contractOf(service).name);
  }

  setDisk(state: DiskState): void {
    this.disk.state = state;
  }

  setClockAhead(byMs: number): void {
    this.#life?.clock.jump(byMs);
  }

  #components(): readonly Component[] {
    const { components = [] } = this.#options;
    return typeof components === "function" ? components({ disk: this.disk }) : components;
  }

  get #here(): Life {
    if (this.#life !== undefined) return this.#life;
    const text = `Cannot use node "${this.name}" here: another process runs it, do so in its run function`;
    throw new OrreryError("failed_precondition", text);
  }

  #begin(offsetMs: number): Life {
    const { network, draws, directory, timeOf, hooks, onLog } = this.#basis;
    const { agent, directory: makeDirectory, journal, limits, relay, seals, telemetry } = this.#options;
    const { place } = this;
    const life = ++this.#lives;
    const skew = { ...this.#options.skew, offsetMs };
    const clock = createNodeClock({ scheduler: network.scheduler, node: place.number, timeOf, skew });
    const transport = createSimTransport({ network, place, clock, life });
    // Two lives may begin in one ms, and a clock may have been set back meanwhile.
    this.#incarnation = Math.max(this.#incarnation + 1, Math.floor(clock.now()));
    const random = draws.stream("globals", `${place.name}/${life}`);
    this.#basis.capture?.begin(place.number, { name: place.name, clock, random });
    const { onPoint: seePoint, ...watching } = hooks(this, place);
    const node = createNode({
      ...watching,
      name: place.name,
      incarnation: this.#incarnation,
      components: this.#components(),
      transports: [transport],
      listen: [addressOf(place.name)],
      directory: makeDirectory?.({ disk: this.disk }) ?? directory,
      clock,
      random: draws.stream("node", `${place.name}/${life}`),
      local: "encode",
      log: (entry) => onLog(place, entry),
      onPoint: seePoint === undefined ? this.points.onPoint : seen(seePoint, this.points.onPoint),
      ...(agent === undefined ? {} : { agent }),
      ...(journal === undefined ? {} : { journal: journal({ disk: this.disk }) }),
      ...(limits === undefined ? {} : { limits: limits({ disk: this.disk }) }),
      ...(relay === undefined ? {} : { relay: relay({ disk: this.disk }) }),
      ...(seals === undefined ? {} : { seals }),
      ...(telemetry === undefined ? {} : { telemetry: telemetry({ disk: this.disk }) }),
    });
    return { node, clock, transport, over: Promise.withResolvers<void>() };
  }
}

/** Shows a passing before it is acted on. */
function seen(see: PointHook, act: PointHook): PointHook {
  return (hit) => {
    void see(hit);
    return act(hit);
  };
}

/** The clock of whichever life there is. */
function presentClock(clock: () => Clock): Clock {
  return {
    now: () => clock().now(),
    monotonic: () => clock().monotonic(),
    sleep: (delayMs, signal) => clock().sleep(delayMs, signal),
    timer: (delayMs, fire) => clock().timer(delayMs, fire),
  };
}

function assertSkew(name: string, { offsetMs = 0, drift = 0 }: ClockSkew = {}): void {
  if (!Number.isFinite(offsetMs)) throw unfit(name, `its skew.offsetMs is ${offsetMs}, write a number of ms`);
  if (!(drift > -1 && drift <= 1)) throw unfit(name, `its skew.drift is ${drift}, write a number above -1, up to 1`);
}

function unfit(name: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot add node "${name}": ${why}`);
}
