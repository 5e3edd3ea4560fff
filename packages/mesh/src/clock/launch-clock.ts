import {
  type ClientNode,
  createSystemClock,
  type Directory,
  type Clock as MachineClock,
  type Node,
  OrreryError,
  type Service,
} from "@orrery/core";
import {
  type ClockResult,
  type ClockStatus,
  type Coordinator,
  createCoordinator,
  type MemberPort,
  portOf,
} from "@orrery/sim/internal";
import { beginLives } from "../environment/begin-lives.ts";
import type { LifeListener } from "../environment/life.ts";
import { PROCESS_STOP_GRACE_MS, PROCESSES_MAX } from "../limits.ts";
import { createLiveDirectory } from "../live-directory.ts";
import { loadComponents } from "../load-components.ts";
import { createMeshNode } from "../mesh-node.ts";
import type { ProcessHost } from "../process-host.ts";
import type { LogForm } from "../process-messages.ts";
import { createSystemProcesses, makeToken, ownPid } from "../system-process.ts";
import { createClockComponent } from "./clock-component.ts";
import { type MemberHost, openMemberHost } from "./member-host.ts";
import type { JoinOrder } from "./member-messages.ts";
import { MemberSeat } from "./member-seat.ts";
import { createOutside } from "./outside.ts";
import { loadWorld, OUTSIDE, type WorldSource } from "./world-source.ts";

/** Options of a launch under one clock. */
export interface LaunchClockOptions {
  /** What the world is made of. */
  readonly source: WorldSource;
  /** Processes to divide a scenario among; components get one each. Default: 2. */
  readonly processes?: number;
  /** Processes of nodes by name. Default: machines in turn. */
  readonly place?: Readonly<Record<string, number>>;
  /** Default: that of the world's options, or 1. */
  readonly seed?: number;
  /** Virtual time after which the run ends, in ms. Default: when nothing is left to happen. */
  readonly endMs?: number;
  /** How long nothing may be seen of a process, in ms of the machine; 0 for any time. Default: 30,000, and any time under a debugger. */
  readonly stallMs?: number;
  /** Address at which the clock, and the components, are reached. Default: tcp://127.0.0.1:0. */
  readonly listen?: string;
  /** How processes write log lines to their standard error, with the world's time. Default: not at all. */
  readonly log?: LogForm;
  /** Takes log lines of the node from which calls from outside come. Default: nobody. */
  readonly writeLine?: (line: string) => void;
  /** Told when the clock stands after it went, and when the run breaks. Default: nobody. */
  readonly onStand?: (status: ClockStatus) => void;
  /** Told what the folders of components need before they start, and do after their end. Default: nobody. */
  readonly onLife?: LifeListener;
  /** What starts processes. Default: the machine. */
  readonly host?: ProcessHost;
  /** Default: the machine's. */
  readonly clock?: MachineClock;
}

/** A world that several processes run together, and the clock that they share. It is paused at the beginning. */
export interface ClockApp extends AsyncDisposable {
  /** What it is, for people. */
  readonly name: string;
  /** Moves the clock. */
  readonly coordinator: Coordinator;
  /** Where the clock is reached, and the components. */
  readonly directory: Directory;
  /** Serves the clock, and calls whatever the directory knows. */
  readonly node: ClientNode;
  /** Addresses that were opened. */
  addresses(): readonly string[];
  /** Contracts of what is reached from outside, that of the clock included. */
  services(): readonly Service[];
  /** The processes, by number. */
  members(): readonly { readonly member: number; readonly pid: number; readonly nodes: readonly string[] }[];
  /** Lets the clock run; ends when it stands, or when the run is over. @throws OrreryError when it breaks. */
  run(): Promise<ClockStatus>;
  /** Ends the run and every process, and gives what came of it. */
  stop(): Promise<ClockResult>;
  /** What came of the run, once it was stopped, by whomever. */
  readonly stopped: Promise<ClockResult>;
}

/**
 * Runs a world in several processes under one clock. The processes tell one another of each window over ZeroMQ; this one grants them time,
 * serves `orrery.clock.v1.Clock`, and takes calls from outside for components. What the `component.yaml` of their folders asks for is checked
 * first; its commands run before the start and after the stop, once for the folder.
 * @throws OrreryError when a process cannot be started, the world cannot be shared, or something is missing; nothing runs then.
 */
export async function launchClock(options: LaunchClockOptions): Promise<ClockApp> {
  const launch = new ClockLaunch(options);
  try {
    await launch.start();
  } catch (error) {
    launch.kill();
    await launch.endLives();
    throw error;
  }
  return launch;
}

class ClockLaunch implements ClockApp {
  readonly #options: LaunchClockOptions;
  readonly #clock: MachineClock;
  readonly #seats: MemberSeat[] = [];
  readonly #stopped = Promise.withResolvers<ClockResult>();
  #outside: MemberHost | undefined;
  #services: readonly Service[] = [];
  #lives: { end(): Promise<void> } | undefined;
  #stopping: Promise<ClockResult> | undefined;
  coordinator!: Coordinator;
  node!: Node;
  name = "";

  constructor(options: LaunchClockOptions) {
    this.#options = options;
    this.#clock = options.clock ?? createSystemClock();
    this.#stopped.promise.catch(() => undefined);
  }

  get stopped(): Promise<ClockResult> {
    return this.#stopped.promise;
  }

  get directory(): Directory {
    return createLiveDirectory(Object.fromEntries(this.node.components().map(({ name }) => [name, this.addresses()])));
  }

  async start(): Promise<void> {
    const { source, host = createSystemProcesses("clock-process"), onStand, onLife } = this.#options;
    if (source.kind === "components")
      this.#lives = await beginLives({ paths: source.paths, cwd: source.cwd, ...(onLife && { onLife }) });
    const { name, nodes } = await loadWorld(source);
    this.name = name;
    const count = source.kind === "components" ? nodes.length : (this.#options.processes ?? 2);
    assertCount(count);
    for (let index = 0; index < count; index++) this.#seats.push(new MemberSeat({ index, host }));
    const ports = await this.#join(nodes);
    const { endMs, stallMs } = this.#options;
    this.coordinator = createCoordinator({
      members: ports,
      clock: this.#clock,
      ...(endMs === undefined ? {} : { endMs }),
      ...(stallMs === undefined ? {} : { stallMs }),
    });
    this.coordinator.onStand = onStand;
    for (const seat of this.#seats) seat.onLost = (error) => this.coordinator.lose(seat.index, error.message);
    await this.#open();
  }

  addresses(): readonly string[] {
    return this.node.addresses;
  }

  services(): readonly Service[] {
    return this.#services;
  }

  members() {
    const own = this.#outside?.member;
    const seats = this.#seats.map(({ index, pid, nodes }) => ({ member: index, pid, nodes }));
    return own === undefined ? seats : [...seats, { member: own.index, pid: ownPid(), nodes: own.nodes }];
  }

  run(): Promise<ClockStatus> {
    return this.coordinator.run({ stays: this.#outside !== undefined });
  }

  stop(): Promise<ClockResult> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  kill(): void {
    for (const seat of this.#seats) seat.kill();
    void this.#outside?.close();
  }

  /** Runs what folders want done after the end, once. */
  async endLives(): Promise<void> {
    const lives = this.#lives;
    this.#lives = undefined;
    await lives?.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Lets every member open its lines, then tells each where the others are, and what to run. */
  async #join(nodes: readonly string[]): Promise<readonly MemberPort[]> {
    const { source, seed, place = {}, log, writeLine = () => undefined } = this.#options;
    const token = makeToken();
    await Promise.all(this.#seats.map((seat) => seat.open(LOOPBACK, token)));
    const addresses = this.#seats.map(({ address }) => address);
    const fixed = { ...place, ...Object.fromEntries(nodes.map((node, index) => [node, index])) };
    if (source.kind === "components") {
      const index = this.#seats.length;
      this.#outside = await openMemberHost({ index, listen: LOOPBACK, token, writeLine });
      addresses.push(this.#outside.address);
      fixed[OUTSIDE] = index;
    }
    const orderOf = (index: number): JoinOrder => ({
      index,
      addresses,
      source,
      place: fixed,
      ...(seed === undefined ? {} : { seed }),
      ...(log === undefined ? {} : { log }),
    });
    const joining = Promise.all(this.#seats.map((seat) => seat.join(orderOf(seat.index))));
    joining.catch(() => undefined); // What is wrong here is told first.
    const own = await this.#outside?.join(orderOf(this.#seats.length));
    await joining;
    return own === undefined ? this.#seats : [...this.#seats, portOf(own)];
  }

  /** Opens the address at which the clock is moved and components are called. */
  async #open(): Promise<void> {
    const { source, listen = LOOPBACK } = this.#options;
    const { coordinator } = this;
    const outside = this.#outside;
    const loaded = source.kind === "components" ? await loadComponents(source.paths, { cwd: source.cwd }) : [];
    const clock = createClockComponent({
      coordinator,
      pidOf: (member) => this.members()[member]?.pid ?? 0,
      stays: outside !== undefined,
      stop: () => this.#stopLater(),
    });
    const taken =
      outside === undefined
        ? []
        : loaded.map(({ component }) => createOutside(component.service, { member: outside.member, coordinator }));
    this.#services = [clock, ...taken].map(({ service }) => service);
    this.node = await createMeshNode({ name: "clock", components: [clock, ...taken], listen: [listen] });
    await this.node.start();
  }

  /** Gives the result while this node can still send it. */
  async #stopLater(): Promise<ClockResult> {
    const result = await this.coordinator.finish();
    this.#stopping ??= this.#close(result);
    return result;
  }

  async #stop(): Promise<ClockResult> {
    return await this.#close(await this.coordinator.finish());
  }

  async #close(result: ClockResult): Promise<ClockResult> {
    for (const seat of this.#seats) seat.onLost = undefined;
    const graceMs = result.isWhole ? PROCESS_STOP_GRACE_MS : BROKEN_GRACE_MS;
    await Promise.all(this.#seats.map((seat) => seat.stop(this.#clock, graceMs)));
    await this.#outside?.close();
    await this.node.stop({ timeoutMs: CALLS_MS });
    await this.endLives();
    this.#stopped.resolve(result);
    return result;
  }
}

/** How long a process of a broken run may take to end: one that is stuck never does. */
const BROKEN_GRACE_MS = 200;

const LOOPBACK = "tcp://127.0.0.1:0";

/** How long calls from outside that wait for the clock may take to hear that it has stopped. */
const CALLS_MS = 500;

function assertCount(count: number): void {
  if (Number.isSafeInteger(count) && count >= 1 && count <= PROCESSES_MAX) return;
  const text = `Cannot divide a world among ${count} processes: write a whole number from 1 to ${PROCESSES_MAX}`;
  throw new OrreryError("invalid_argument", text);
}
