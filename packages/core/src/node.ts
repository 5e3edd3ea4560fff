import type { Capacity, NodeTotals } from "./capacity.ts";
import type { CarrierPlan } from "./carriers/carrier-plan.ts";
import { openAddresses } from "./carriers/open-addresses.ts";
import { type PeerView, peersOf } from "./carriers/peer-view.ts";
import type { Client, Publisher, Sender } from "./client.ts";
import type { Clock } from "./clock.ts";
import type { Component } from "./component.ts";
import type { ComponentView } from "./component-view.ts";
import type { Service } from "./contract.ts";
import type { PingResult } from "./control-plane.ts";
import type { Directory } from "./directory.ts";
import type { Flow, FlowEvent, FlowOptions, OpenFlow } from "./flow.ts";
import type { Description } from "./gen/orrery/control/v1/control_pb.ts";
import type { LimitsSource } from "./guard.ts";
import type { Journal } from "./journal.ts";
import { type DeadMessage, noDeadMessage } from "./keeper.ts";
import { CALL_TIMEOUT_DEFAULT_MS, DRAIN_TIMEOUT_MS, PART_TIMEOUT_MS } from "./limits.ts";
import type { LogSink } from "./log.ts";
import type { MessageEvent } from "./message-events.ts";
import { createNodeParts, type NodeParts } from "./node-parts.ts";
import { OrreryError } from "./orrery-error.ts";
import type { MaybeHook, PointHook } from "./point.ts";
import type { Random } from "./random.ts";
import type { Relay } from "./relay.ts";
import type { SealOptions } from "./seal.ts";
import type { TelemetrySource } from "./telemetry.ts";
import type { Transport } from "./transport.ts";

/** Options of a client: something that can discover and call, and serves nothing. */
export interface ClientNodeOptions {
  /** Name among nodes. Default: a random one. */
  readonly name?: string;
  /** Number of this life of the node, larger than that of each before it. Default: the time of its making, in ms since 1970. */
  readonly incarnation?: number;
  /** Carriers to other nodes. Where several lead to a place, the first of them here that does is used. Default: none. */
  readonly transports?: readonly Transport[];
  /** What leads to places beside their addresses. Default: nothing. */
  readonly carrierPlan?: CarrierPlan;
  /** Where other components are. Default: nowhere. */
  readonly directory?: Directory;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Default: the machine's. */
  readonly random?: Random;
  /** Where log lines go. Default: nowhere. */
  readonly log?: LogSink;
  /** Agent of messages that no other message has led to. Default: anonymous. */
  readonly agent?: string;
  /** Gets every begin and end of a flow. Default: nobody. */
  readonly onFlow?: (event: FlowEvent) => void;
  /** Gets each moment of each message that this node sends or is sent, for tracing. Default: nobody, and nothing is noted. */
  readonly onMessage?: (event: MessageEvent) => void;
  /** Gets every named point that a handler passes, which waits for what it gives and is thrown what it throws. Default: nobody. */
  readonly onPoint?: PointHook;
  /** Decides whether something rare happens where a handler asks `maybe`. Default: never. */
  readonly maybe?: MaybeHook;
  /** Horizons, distances, breakers and throttles. Default: none but the horizons of messages and methods. */
  readonly limits?: LimitsSource;
  /** Seals of bodies: which it opens, which it uses for what it sends, and which it insists on. Default: none, and sealed messages bounce. */
  readonly seals?: SealOptions;
  /** Where its logs, traces and metrics go, besides `log` and `onMessage`. Default: nowhere, and nothing is made for it. */
  readonly telemetry?: TelemetrySource;
  /** How finely deadlines are told apart, in ms, above 0. Default: 8. */
  readonly deadlineStepMs?: number;
}

/** Options of a node. */
export interface NodeOptions extends ClientNodeOptions {
  /** What it runs: each component once, in as many instances as it asks for. */
  readonly components: readonly Component[];
  /** Addresses to open for others, such as `tcp://127.0.0.1:0`. Default: none. */
  readonly listen?: readonly string[];
  /**
   * How many instances of a component run, and what may wait for each, by the component's name, where that is to be other than what the
   * component itself asks for. `setCapacity` changes it live. Default: none.
   */
  readonly capacity?: Readonly<Record<string, Partial<Capacity>>>;
  /** What may wait in the node over all components, and how much memory it may take. Default: see `NodeTotals`. */
  readonly totals?: Partial<NodeTotals>;
  /** Whether calls within the node copy values by the contract, or encode and decode them as a wire would. Default: copy. */
  readonly local?: "copy" | "encode";
  /**
   * Where messages of kept methods are safe before they are acknowledged. The node closes it at its stop. Default: none, and components with
   * kept methods are refused at its start.
   */
  readonly journal?: Journal;
  /** Passes on messages for components that the node does not serve. Default: they are refused. */
  readonly relay?: Relay;
}

/** Something that can discover and call. */
export interface ClientNode {
  readonly name: string;
  readonly incarnation: number;
  readonly clock: Clock;
  /** Calls of a service. @throws OrreryError `invalid_argument` for a contract with a shape that is not supported. */
  client<S extends Service>(service: S): Client<S>;
  /** One-way messages of a service. */
  send<S extends Service>(service: S): Sender<S>;
  /** Broadcasts of a service. */
  publish<S extends Service>(service: S): Publisher<S>;
  /** Begins a flow: call through it, or pass it to calls as `options.flow`, and end it. */
  beginFlow(name: string, options?: FlowOptions): Flow;
  /** The flows that were begun here, by the node or its instances, and have not ended: at a quiet end, those that leaked. */
  openFlows(): readonly OpenFlow[];
  /** Asks the node at an address whether it lives; no component's queue is waited for. */
  ping(address: string, options?: { timeoutMs?: number }): Promise<PingResult>;
  /** Asks the node at an address what it serves. */
  describe(address: string, options?: { timeoutMs?: number }): Promise<Description>;
  /** Ends every call and closes every connection. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A node: a client that also runs components. */
export interface Node extends ClientNode {
  /** Addresses it has opened, with what the system chose filled in; empty before `start`. */
  readonly addresses: readonly string[];
  /**
   * Opens the addresses and starts the components, all at once: what they send one another waits until its receiver is ready.
   * When one cannot start, nothing runs.
   */
  start(): Promise<void>;
  /**
   * Finishes what was accepted, within `timeoutMs` (default 10 s), then stops everything. Streams are asked to end by their signal. What comes
   * meanwhile is bounced with `draining`, and so is what is on its way when all is finished: the node stays for it until its peers send nothing
   * more, for 1 s and `timeoutMs` at most. With a `timeoutMs` of 0 nothing is waited for.
   */
  stop(options?: { timeoutMs?: number }): Promise<void>;
  /**
   * Lets one component come to its end while the others go on: what is sent to it from here on is bounced with `draining`, but for what its own
   * work leads to, and nothing of it is started again. Resolves when all that it had accepted is finished; its streams are asked to end.
   * @throws OrreryError `not_found` for a component that it does not run.
   */
  drain(component: string): Promise<void>;
  /**
   * Changes how many instances of a component run here, and what may wait for each. What is added is ready when the promise ends. What is taken
   * away takes nothing new, finishes what it accepted however long that takes, and is gone when the promise ends; its streams are asked to end.
   * With 0 instances nothing runs here: calls go where else the component runs, or are bounced with `draining`. A smaller inbox keeps what
   * it has.
   * @throws OrreryError `not_found`, `invalid_argument`, `failed_precondition` before start and after stop, or why an instance did not start:
   * those that did then stay.
   */
  setCapacity(component: string, change: Partial<Capacity>): Promise<void>;
  /** Its components and where their instances stand. */
  components(): readonly ComponentView[];
  /** Kept messages that were given up: their handling was begun again and again and never ended, or they fit no method any more. */
  deadMessages(): Promise<readonly DeadMessage[]>;
  /**
   * Gives one of them to an instance again, as if it came anew: with a new number, a raised attempt, and its idempotency key as it was.
   * @throws OrreryError `not_found` for a number that none has, `failed_precondition` where its component does not run, what its method refuses
   * it with, or `resource_exhausted` when the journal is full.
   */
  retryDeadMessage(id: number): Promise<void>;
  /** Lets go of one of them, for good: it makes room in the journal. @throws OrreryError `not_found` for a number that none has. */
  dropDeadMessage(id: number): Promise<void>;
  /** What the other sides of its connections said of themselves, and which carrier leads there. */
  peers(): readonly PeerView[];
}

/** Makes a client. It connects on its first call. */
export function createClient(options: ClientNodeOptions = {}): ClientNode {
  return new LocalNode({ ...options, components: [] }, false);
}

/**
 * Makes a node; it does nothing before `start`.
 * @throws OrreryError `already_exists` when two components have one name, `invalid_argument` for a contract that is not supported.
 * @example
 * await using node = createNode({ components: [weather] });
 * await node.start();
 * console.log(await node.client(Weather).today({ place: "Oslo" }));
 */
export function createNode(options: NodeOptions): Node {
  return new LocalNode(options, true);
}

/**
 * Owns: its parts, and where it stands: new, starting, running, stopped.
 * I1: it starts once and stops once. I2: what has begun when it stops ends, and nothing begins after.
 */
class LocalNode implements Node {
  readonly name: string;
  readonly incarnation: number;
  readonly clock: Clock;
  readonly addresses: string[] = [];
  /** Those, and what is open beside them. */
  readonly #opened: string[] = [];
  readonly #parts: NodeParts;
  readonly #listen: readonly string[];
  #state: "new" | "starting" | "running" | "stopped" = "new";
  #stopped: Promise<void> | undefined;

  constructor(options: NodeOptions, serves: boolean) {
    this.#parts = createNodeParts(options, serves, this.#opened);
    this.#listen = options.listen ?? [];
    this.name = this.#parts.name;
    this.incarnation = this.#parts.incarnation;
    this.clock = this.#parts.clock;
  }

  // What callers use all day may be taken off the node: `const { client } = node`.
  readonly client = <S extends Service>(service: S): Client<S> => this.#parts.speaker.client(service);

  readonly send = <S extends Service>(service: S): Sender<S> => this.#parts.speaker.send(service);

  readonly publish = <S extends Service>(service: S): Publisher<S> => this.#parts.speaker.publish(service);

  readonly beginFlow = (name: string, options: FlowOptions = {}): Flow => {
    const { flows, speaker } = this.#parts;
    return flows.begin(name, { options, parent: undefined, instance: "", speaker, cause: undefined });
  };

  openFlows(): readonly OpenFlow[] {
    return this.#parts.flows.open();
  }

  readonly ping = async (address: string, options?: { timeoutMs?: number }): Promise<PingResult> => {
    const { transport, link } = this.#parts.exchange.port(address);
    return this.#parts.control.ping(transport, link, options?.timeoutMs ?? CALL_TIMEOUT_DEFAULT_MS);
  };

  readonly describe = async (address: string, options?: { timeoutMs?: number }): Promise<Description> => {
    const { transport, link } = this.#parts.exchange.port(address);
    return this.#parts.control.describe(transport, link, options?.timeoutMs ?? CALL_TIMEOUT_DEFAULT_MS);
  };

  components(): readonly ComponentView[] {
    return this.#parts.container?.views() ?? [];
  }

  peers(): readonly PeerView[] {
    return peersOf(this.#parts);
  }

  async deadMessages(): Promise<readonly DeadMessage[]> {
    return (await this.#parts.container?.keeper?.deadMessages()) ?? [];
  }

  async retryDeadMessage(id: number): Promise<void> {
    const keeper = this.#parts.container?.keeper;
    if (keeper === undefined) throw noDeadMessage(id, { doing: "retry", dead: [] });
    await keeper.retryDeadMessage(id);
  }

  async dropDeadMessage(id: number): Promise<void> {
    const keeper = this.#parts.container?.keeper;
    if (keeper === undefined) throw noDeadMessage(id, { doing: "drop", dead: [] });
    await keeper.dropDeadMessage(id);
  }

  async start(): Promise<void> {
    if (this.#state !== "new") {
      const why = this.#state === "stopped" ? "it was stopped, make another" : "it was started before";
      throw new OrreryError("failed_precondition", `Cannot start node "${this.name}": ${why}`); // I1
    }
    this.#state = "starting";
    try {
      await this.#parts.container?.recall();
      this.#assertGoing();
      for (const address of this.#listen) {
        const opened = await openAddresses(address, this.#parts);
        this.addresses.push(...opened.slice(0, 1));
        this.#opened.push(...opened);
        this.#assertGoing();
      }
      this.#parts.seat?.start();
      await this.#parts.container?.start();
      this.#assertGoing();
      this.#state = "running";
    } catch (error) {
      await this.stop({ timeoutMs: 0 });
      throw error;
    }
  }

  stop({ timeoutMs }: { timeoutMs?: number } = {}): Promise<void> {
    this.#state = "stopped";
    this.#stopped ??= this.#stopParts(timeoutMs);
    return this.#stopped;
  }

  drain(component: string): Promise<void> {
    const { container } = this.#parts;
    if (container !== undefined) return container.drain(component);
    const text = `Cannot drain component "${component}": node "${this.name}" is a client and has none`;
    return Promise.reject(new OrreryError("not_found", text));
  }

  setCapacity(component: string, change: Partial<Capacity>): Promise<void> {
    const { container } = this.#parts;
    if (container !== undefined) return container.setCapacity(component, change);
    const text = `Cannot set the capacity of component "${component}": node "${this.name}" is a client and has none`;
    return Promise.reject(new OrreryError("not_found", text));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #assertGoing(): void {
    if (this.#state !== "starting")
      throw new OrreryError("aborted", `Cannot start node "${this.name}": it was stopped while starting`); // I2
  }

  async #stopParts(timeoutMs: number = DRAIN_TIMEOUT_MS): Promise<void> {
    const { control, container, caller, exchange, flows, seat, relay } = this.#parts;
    seat?.leave();
    control.leave();
    await Promise.all([container?.stop(timeoutMs), relay?.drain(timeoutMs)]);
    flows.close();
    caller.shutdown();
    // Nobody waits for a client.
    if (container !== undefined) await control.part(Math.min(timeoutMs, PART_TIMEOUT_MS));
    control.close();
    seat?.close();
    await exchange.close();
  }
}
