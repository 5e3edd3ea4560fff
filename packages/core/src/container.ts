import { bounce, refuse } from "./answer.ts";
import type { Caller } from "./caller.ts";
import type { Clock } from "./clock.ts";
import { type Component, isComponent } from "./component.ts";
import { contractOf, type MethodContract } from "./contract.ts";
import { type Envelope, flowOf, type Head, Kind, type Source } from "./envelope.ts";
import type { Flows } from "./flows.ts";
import { horizonCheck } from "./horizon.ts";
import type { Instance } from "./instance.ts";
import type { InstanceState } from "./instance-handle.ts";
import { DRAIN_TIMEOUT_MS } from "./limits.ts";
import type { Log } from "./log.ts";
import { copyRequest, MessageContext } from "./message-context.ts";
import { failure, OrreryError } from "./orrery-error.ts";
import { isWaiting, pickInstance } from "./pick-instance.ts";
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
}

/** One instance, for those who look from outside. */
export interface InstanceView {
  readonly id: string;
  readonly state: InstanceState;
  readonly incarnation: number;
  readonly waiting: number;
  /** Why it is failed; else empty. */
  readonly reason: string;
}

/** One component of a container, for those who look from outside. */
export interface ComponentView {
  readonly component: Component;
  readonly name: string;
  readonly version: string;
  readonly instances: readonly InstanceView[];
}

/**
 * What runs instances. Owns: the instances of each component and the way from an envelope to one of them.
 * I1: every envelope that expects an answer gets exactly one, from here or from its instance. I2: what is refused here never ran.
 */
export interface Container {
  /** Starts every instance, all at once; when one cannot start, those that did are stopped and nothing runs. */
  start(): Promise<void>;
  /**
   * Finishes what was accepted, and what that leads to, within the limit (default 10 s), then stops every instance. Streams are asked to
   * end; those that wait for their turn are bounced.
   */
  stop(timeoutMs?: number): Promise<void>;
  /** Whether a component of that name runs here. */
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
  #phase: "new" | "open" | "draining" | "stopped" = "new";
  #whenIdle: (() => void) | undefined;
  #stopped: Promise<void> | undefined;
  /** The head of the last message is most often that of the next. */
  #lastHead: Head | undefined;
  #lastReplicas: Replicas | undefined;

  constructor(options: ContainerOptions) {
    this.#options = options;
    const onIdle = () => this.#whenIdle?.();
    for (const component of options.components) {
      assertComponent(component, options.node);
      const { name } = contractOf(component.service);
      if (this.#components.has(name)) {
        throw new OrreryError(
          "already_exists",
          `Cannot run component "${name}" twice in node "${options.node}": set its option "instances" for more copies`,
        );
      }
      this.#components.set(name, createReplicas({ ...options, component, onIdle, streams: this.#streams }));
    }
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
  }

  has(component: string): boolean {
    return this.#components.has(component);
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
    if (message !== undefined) this.#giveUp(message, failure("cancelled", "The caller gave up"));
  }

  portLost(port: Port): void {
    const reason = failure("connection_lost", `The connection to "${port.link?.remote ?? ""}" was lost`);
    for (const replicas of this.#components.values()) {
      for (const instance of replicas.instances) {
        instance.queue.find((message) => {
          if (message.port === port && !message.acknowledged) this.#giveUp(message, reason);
          return false;
        });
      }
    }
  }

  views(): readonly ComponentView[] {
    return [...this.#components.values()].map(({ name, component, instances }) => ({
      component,
      name,
      version: component.options.version ?? "0.0.0",
      instances: instances.map(({ id, state, incarnation, queue, reason }) => ({
        id,
        state,
        incarnation,
        waiting: queue.waiting,
        reason,
      })),
    }));
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
    const drained = all.map((replicas) => replicas.drain());
    this.#endStreams();
    await Promise.race([Promise.all([this.#idle(all), ...drained]), late]);
    give.abort();
    this.#whenIdle = undefined;
  }

  /** Asks streams to end, for many never would; one that has an end of its own may still come to it. */
  #endStreams(): void {
    const { node } = this.#options;
    const where = { where: node };
    for (const { queue } of this.#instances()) {
      queue.find((message) => {
        const { envelope, head, port, writer } = message;
        if (envelope.kind !== Kind.streamOpen || this.#isOurs(envelope, head, port)) return false;
        const text = (doing: string) => `Cannot ${doing} stream "${nameOf(head)}": node "${node}" is shutting down`;
        if (writer === undefined) refuse(message, failure("draining", text("open"), where));
        else message.tell(failure("draining", text("go on with"), where));
        return false;
      });
    }
  }

  #idle(all: readonly Replicas[]): Promise<void> {
    return new Promise((resolve) => {
      this.#whenIdle = () => {
        if (all.every(({ instances }) => instances.every(({ queue }) => queue.load === 0))) resolve();
      };
      this.#whenIdle();
    });
  }

  /** Whether a message of a node that drains is of a chain that began at one of its instances, which could not end without it. */
  #isOurs(envelope: Envelope, head: Head, port: Port): boolean {
    if (this.#phase !== "draining") return false;
    if (port.link === undefined && head.source.instance !== "") return true;
    const all = this.#instances();
    return envelope.path.some((id) => all.some((instance) => instance.id === id));
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
    this.#lastHead = head;
    this.#lastReplicas = replicas;
    return replicas;
  }

  #noSuchComponent({ component }: Head): OrreryError {
    const { node } = this.#options;
    const known = [...this.#components.keys()].map((name) => `"${name}"`).join(", ");
    const text = `Cannot call component "${component}": node "${node}" has ${known === "" ? "none" : known}`;
    return failure("no_such_component", text, { where: node });
  }

  #assertTaking(envelope: Envelope, head: Head, port: Port): void {
    const { node } = this.#options;
    const name = nameOf(head);
    if (this.#phase === "new") {
      if (port.link !== undefined) return; // Its address is open, so it is about to start.
      const text = `Cannot call "${name}": node "${node}" has not been started, call its start() first`;
      throw failure("not_ready", text, { where: node });
    }
    if (this.#isOurs(envelope, head, port)) return;
    throw failure("draining", `Cannot accept "${name}": node "${node}" is shutting down`, { where: node });
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

/** Waits until all have ended, so that none is stopped in the middle. @throws what the first that failed threw. */
async function allEnded(starts: readonly Promise<void>[]): Promise<void> {
  try {
    await Promise.all(starts);
  } finally {
    await Promise.allSettled(starts);
  }
}

/** Checks what every component requires before the first starts, so that all that is missing is told at once. */
async function checkAll(starting: readonly Replicas[]): Promise<void> {
  const found = await Promise.all(
    starting.map(async (replicas) => ({ name: replicas.name, missing: await replicas.missing() })),
  );
  const lacking = found.filter(({ missing }) => missing.length > 0);
  if (lacking.length === 0) return;
  const text = lacking.map(({ name, missing }) => `component "${name}": ${missing.join("; ")}`).join("; ");
  const details = { missing: lacking.flatMap(({ missing }) => missing) };
  throw new OrreryError("failed_precondition", `Cannot start ${text}`, { details });
}

function assertComponent(component: unknown, node: string): asserts component is Component {
  if (isComponent(component)) return;
  const text = `Cannot run a component in node "${node}": got ${typeof component}, pass what defineComponent gives`;
  throw new OrreryError("invalid_argument", text);
}

function nameOf({ component, method }: Head): string {
  return `${component}.${method}`;
}

function headless({ id }: Envelope): OrreryError {
  const text = `Cannot accept message ${id}: it has no head and no route declared on its connection, send the head again`;
  return failure("unknown_route", text);
}
