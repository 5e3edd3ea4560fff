import { bounce } from "./answer.ts";
import type { Caller } from "./caller.ts";
import { type Capacity, createRoom, type NodeTotals } from "./capacity.ts";
import { allEnded, assertComponent, assertNothingKept, checkAll } from "./check-components.ts";
import type { Clock } from "./clock.ts";
import { type Component, isComponent } from "./component.ts";
import { type ComponentView, viewOf } from "./component-view.ts";
import { contractOf, type MethodContract } from "./contract.ts";
import { endStreams } from "./end-streams.ts";
import { type Envelope, flowOf, type Head, Kind, type Source } from "./envelope.ts";
import type { Flows } from "./flows.ts";
import { horizonCheck } from "./horizon.ts";
import type { Instance } from "./instance.ts";
import type { Journal } from "./journal.ts";
import { createKeeper, type Keeper } from "./keeper.ts";
import { DRAIN_TIMEOUT_MS } from "./limits.ts";
import type { Log } from "./log.ts";
import { copyRequest, MessageContext } from "./message-context.ts";
import { failure, OrreryError } from "./orrery-error.ts";
import { chainOf, isWaiting, pickInstance } from "./pick-instance.ts";
import type { PointHooks } from "./point.ts";
import type { Port } from "./port.ts";
import type { Random } from "./random.ts";
import { createReplicas, type Replicas } from "./replicas.ts";
import type { Speaker } from "./speaker.ts";
import { assertNoStartCycle } from "./start-cycle.ts";
import { createStreamTable } from "./stream-table.ts";

/** Options of a container. */
export interface ContainerOptions {
  readonly components: readonly Component[];
  readonly node: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly caller: Caller;
  readonly flows: Flows;
  readonly points: PointHooks;
  readonly speakerFor: (source: Source) => Speaker;
  /** Capacities by component, where they are to be other than what the component asks for. Default: none. */
  readonly capacity?: Readonly<Record<string, Partial<Capacity>>> | undefined;
  /** What may wait over all components. Default: see `NodeTotals`. */
  readonly totals?: Partial<NodeTotals> | undefined;
  /** Where kept messages are safe. Default: no component may have any. */
  readonly journal?: Journal | undefined;
}

/**
 * What runs instances. Owns: the instances of each component and the way from an envelope to one of them.
 * I1: every envelope that expects an answer gets exactly one, from here or from its instance. I2: what is refused here never ran.
 */
export interface Container {
  /** Gives instances what an earlier life accepted and did not handle. Before all else. @throws OrreryError also where a journal is missing. */
  recall(): Promise<void>;
  /** Lets messages outlive instances; absent without a journal. */
  readonly keeper: Keeper | undefined;
  /** Starts every instance, all at once; when one cannot start, those that did are stopped and nothing runs. */
  start(): Promise<void>;
  /**
   * Finishes what was accepted, and what that leads to, within the limit (default 10 s), then stops every instance. Streams are asked to
   * end; those that wait for their turn are bounced.
   */
  stop(timeoutMs?: number): Promise<void>;
  /**
   * Takes nothing new for a component from here on but what its own work leads to; resolves when all it had accepted is finished. Streams are
   * asked to end. @throws OrreryError `not_found` for a component that does not run here.
   */
  drain(component: string): Promise<void>;
  /**
   * Changes how much of a component runs and waits here. Ends when what is added is ready, and what is taken away has finished what it
   * accepted. @throws OrreryError `not_found`, `invalid_argument`, `failed_precondition`, or why an instance did not start.
   */
  setCapacity(component: string, change: Partial<Capacity>): Promise<void>;
  /** Whether a component of that name runs here, and takes messages. */
  has(component: string): boolean;
  /** Takes a message that begins an exchange. */
  accept(envelope: Envelope, port: Port): void;
  /** Takes a cancel or a credit for a message that came from the same port. */
  follow(envelope: Envelope, port: Port): void;
  /** Ends what was begun through a port whose link is gone. */
  portLost(port: Port): void;
  views(): readonly ComponentView[];
}

/** Makes a container. @throws OrreryError `already_exists` when two components have one name. */
export function createContainer(options: ContainerOptions): Container {
  return new ReplicaContainer(options);
}

class ReplicaContainer implements Container {
  readonly #options: ContainerOptions;
  readonly #components = new Map<string, Replicas>();
  readonly #streams = createStreamTable();
  readonly keeper: Keeper | undefined;
  #phase: "new" | "open" | "draining" | "stopped" = "new";
  readonly #whenIdle = new Set<() => void>();
  #stopped: Promise<void> | undefined;
  /** The head of the last message is most often that of the next. */
  #lastHead: Head | undefined;
  #lastReplicas: Replicas | undefined;

  constructor(options: ContainerOptions) {
    this.#options = options;
    const onIdle = () => {
      for (const look of this.#whenIdle) look();
    };
    const { journal, clock, log } = options;
    const find = (component: string) => this.#components.get(component);
    this.keeper = journal && createKeeper({ journal, clock, log, find });
    const { keeper } = this;
    const room = createRoom(options.node, options.clock, options.totals);
    assertKnown(options);
    for (const component of options.components) {
      assertComponent(component, options.node);
      const { name } = contractOf(component.service);
      if (this.#components.has(name)) {
        throw new OrreryError(
          "already_exists",
          `Cannot run component "${name}" twice in node "${options.node}": set its option "instances" for more copies`,
        );
      }
      this.#components.set(
        name,
        createReplicas({ ...options, component, onIdle, streams: this.#streams, keeper, room }),
      );
    }
  }

  async recall(): Promise<void> {
    if (this.keeper === undefined) assertNothingKept(this.#options.components, this.#options.node);
    await this.keeper?.recall();
  }

  async start(): Promise<void> {
    const starting = [...this.#components.values()];
    this.#phase = "open";
    try {
      await checkAll(starting);
      await allEnded(starting.flatMap((replicas) => replicas.start()));
    } catch (error) {
      await this.stop(0);
      throw error;
    }
  }

  stop(timeoutMs: number = DRAIN_TIMEOUT_MS): Promise<void> {
    this.#stopped ??= this.#stop(timeoutMs);
    return this.#stopped;
  }

  async #stop(timeoutMs: number): Promise<void> {
    const all = [...this.#components.values()];
    this.#phase = "draining";
    await this.#drain(all, timeoutMs);
    this.#phase = "stopped";
    await Promise.all(all.map((replicas) => replicas.stop(`it stopped after draining for ${timeoutMs} ms`)));
    await this.keeper?.close();
  }

  async drain(component: string): Promise<void> {
    const replicas = this.#components.get(component);
    if (replicas === undefined) throw this.#unknown("drain", component);
    await this.#finish([replicas]);
  }

  has(component: string): boolean {
    const replicas = this.#components.get(component);
    return replicas !== undefined && replicas.capacity.instances > 0;
  }

  setCapacity(component: string, change: Partial<Capacity>): Promise<void> {
    const replicas = this.#components.get(component);
    if (replicas === undefined) return Promise.reject(this.#unknown("set the capacity of", component));
    return replicas.setCapacity(change);
  }

  accept(envelope: Envelope, port: Port): void {
    const { head } = envelope;
    if (head === undefined) {
      bounce(envelope, port, headless(envelope), this.#options.node);
      return;
    }
    let method: MethodContract;
    let replicas: Replicas;
    let instance: Instance | undefined;
    if (head.horizon !== undefined && horizonCheck(head.horizon, port) !== undefined) {
      this.#refuseFar(envelope, head, port);
      return;
    }
    try {
      replicas = this.#replicas(envelope, head, port);
      method = replicas.method(envelope, head);
      if (envelope.kind !== Kind.broadcast) instance = pickInstance(envelope, head, replicas);
      if (instance?.starting === true) assertNoStartCycle(envelope, head, instance, this.#instances());
    } catch (error) {
      this.#options.caller.watch?.incoming("received", { envelope, head, instance: "", flow: flowOf(envelope, head) });
      bounce(envelope, port, error as OrreryError, this.#options.node); // I1, I2
      return;
    }
    if (instance === undefined) {
      this.#broadcast(envelope, head, replicas, method, port);
      return;
    }
    const message = new MessageContext(instance.host, envelope, head, method, port);
    message.note("received");
    if (isWaiting(instance, envelope, head)) instance.queue.acceptBeside(message);
    else instance.queue.accept(message);
  }

  /** A message that its sender should not have sent here: its own node looks first, another make or a gateway may not. */
  #refuseFar(envelope: Envelope, head: Head, port: Port): void {
    const { node, caller, log } = this.#options;
    caller.watch?.incoming("received", { envelope, head, instance: "", flow: flowOf(envelope, head) });
    const text = `Cannot accept "${nameOf(head)}": its horizon is the ${head.horizon?.scope}, and it came from beyond`;
    if (head.horizon?.beyond === "drop") log.debug("message dropped", { method: nameOf(head), why: text });
    else bounce(envelope, port, failure("horizon_exceeded", text, { where: node, details: { check: "scope" } }), node);
  }

  follow(envelope: Envelope, port: Port): void {
    const { id } = envelope;
    let message = this.#streams.find(port, id);
    if (envelope.kind === Kind.streamCredit) {
      message?.writer?.credit(envelope.credit);
      return;
    }
    message ??= this.#find((candidate) => candidate.envelope.id === id && candidate.port === port);
    if (message !== undefined && message.kept === undefined)
      this.#giveUp(message, failure("cancelled", "The caller gave up"));
  }

  portLost(port: Port): void {
    const reason = failure("connection_lost", `The connection to "${port.link?.remote ?? ""}" was lost`);
    for (const replicas of this.#components.values()) {
      for (const instance of replicas.instances) {
        instance.queue.find((message) => {
          if (message.port === port && !message.acknowledged && message.kept === undefined)
            this.#giveUp(message, reason);
          return false;
        });
      }
    }
  }

  views(): readonly ComponentView[] {
    const nowMs = this.#options.clock.monotonic();
    return [...this.#components.values()].map((replicas) => viewOf(replicas, nowMs));
  }

  #broadcast(envelope: Envelope, head: Head, replicas: Replicas, method: MethodContract, port: Port): void {
    for (const instance of replicas.instances) {
      if (instance.state !== "ready" && !instance.starting) continue;
      // Instances share nothing; what came off a wire belongs to a single one already.
      const isOwn = replicas.instances.length === 1 && envelope.bytes !== undefined;
      const own = isOwn ? envelope : copyRequest(envelope, method);
      const message = new MessageContext(instance.host, own, head, method, port);
      message.note("received");
      instance.queue.accept(message);
    }
  }

  async #drain(all: readonly Replicas[], timeoutMs: number): Promise<void> {
    const give = new AbortController();
    const late = this.#options.clock.sleep(timeoutMs, give.signal).catch(() => undefined);
    await Promise.race([this.#finish(all), late]);
    give.abort();
    this.#whenIdle.clear();
  }

  /** Resolves when what was accepted for components has ended. */
  async #finish(all: readonly Replicas[]): Promise<void> {
    const drained = all.map((replicas) => replicas.drain());
    this.#lastHead = undefined;
    endStreams(
      all.flatMap(({ instances }) => instances),
      {
        where: this.#options.node,
        why: (head) => this.#why(head),
        spares: ({ envelope, head }) => this.#isOurs(envelope, head),
      },
    );
    await Promise.all([this.#idle(all), ...drained]);
  }

  #idle(all: readonly Replicas[]): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!all.every(({ instances }) => instances.every(({ queue }) => queue.load === 0))) return;
        this.#whenIdle.delete(look);
        resolve();
      };
      this.#whenIdle.add(look);
      look();
    });
  }

  /** Whether a message is of a chain that began at an instance that drains, which could not end without it. */
  #isOurs(envelope: Envelope, head: Head): boolean {
    if (this.#phase === "stopped") return false;
    const draining = [...this.#components.values()].filter((replicas) => replicas.draining);
    const ids = chainOf(envelope, head);
    return draining.some(({ instances }) => instances.some(({ id }) => ids.includes(id)));
  }

  /** Why nothing new is taken for a component. */
  #why({ component }: Head): string {
    const { node } = this.#options;
    return this.#phase === "open"
      ? `component "${component}" of node "${node}" is being drained`
      : `node "${node}" is shutting down`;
  }

  #instances(): readonly Instance[] {
    return [...this.#components.values()].flatMap(({ instances }) => instances);
  }

  #replicas(envelope: Envelope, head: Head, port: Port): Replicas {
    if (this.#phase !== "open") this.#assertTaking(envelope, head, port);
    if (envelope.wire > 1) {
      throw failure(
        "wire_version",
        `Cannot read message ${envelope.id}: it is of wire version ${envelope.wire}, this node reads up to 1`,
        { where: this.#options.node },
      );
    }
    if (head === this.#lastHead && this.#lastReplicas !== undefined) return this.#lastReplicas;
    const replicas = this.#components.get(head.component);
    if (replicas === undefined) throw this.#noSuchComponent(head);
    if (replicas.draining) {
      this.#assertTaking(envelope, head, port);
      return replicas;
    }
    this.#lastHead = head;
    this.#lastReplicas = replicas;
    return replicas;
  }

  #noSuchComponent({ component }: Head): OrreryError {
    const { message } = this.#unknown("call", component);
    return failure("no_such_component", message, { where: this.#options.node });
  }

  #unknown(doing: string, component: string): OrreryError {
    const known = [...this.#components.keys()].map((name) => `"${name}"`).join(", ");
    const text = `Cannot ${doing} component "${component}": node "${this.#options.node}" has ${known === "" ? "none" : known}`;
    return new OrreryError("not_found", text);
  }

  #assertTaking(envelope: Envelope, head: Head, port: Port): void {
    const { node } = this.#options;
    const name = nameOf(head);
    if (this.#phase === "new") {
      if (port.link !== undefined) return; // Its address is open, so it is about to start.
      const text = `Cannot call "${name}": node "${node}" has not been started, call its start() first`;
      throw failure("not_ready", text, { where: node });
    }
    if (this.#isOurs(envelope, head)) return;
    throw failure("draining", `Cannot accept "${name}": ${this.#why(head)}`, { where: node });
  }

  #giveUp(message: MessageContext, reason: OrreryError): void {
    message.answered = true;
    message.writer?.cancel(reason);
    message.abort(reason);
  }

  #find(matches: (message: MessageContext) => boolean): MessageContext | undefined {
    for (const replicas of this.#components.values()) {
      for (const instance of replicas.instances) {
        const message = instance.queue.find(matches);
        if (message !== undefined) return message;
      }
    }
    return undefined;
  }
}

/** Refuses capacities of what does not run here: most likely the name is wrong. */
function assertKnown({ capacity = {}, components, node }: ContainerOptions): void {
  const names = components.filter(isComponent).map(({ service }) => contractOf(service).name);
  const unknown = Object.keys(capacity).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const text = `Cannot make node "${node}": its capacity names component "${unknown}", which it does not run`;
  throw new OrreryError("invalid_argument", text);
}

function nameOf({ component, method }: Head): string {
  return `${component}.${method}`;
}

function headless({ id }: Envelope): OrreryError {
  const text = `Cannot accept message ${id}: it has no head and no route declared on its connection, send the head again`;
  return failure("unknown_route", text);
}
