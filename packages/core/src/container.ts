import { bounce } from "./answer.ts";
import type { Caller } from "./caller.ts";
import type { Clock } from "./clock.ts";
import type { Component } from "./component.ts";
import { contractOf, type MethodContract } from "./contract.ts";
import { type Envelope, type Head, Kind, type Source } from "./envelope.ts";
import type { Flows } from "./flow.ts";
import type { InstanceState } from "./instance-handle.ts";
import { DRAIN_TIMEOUT_MS } from "./limits.ts";
import type { Log } from "./log.ts";
import { MessageContext } from "./message-context.ts";
import { failure, OrreryError } from "./orrery-error.ts";
import type { Port } from "./port.ts";
import type { Random } from "./random.ts";
import { createReplicas, type Replicas } from "./replicas.ts";
import { pickInstance } from "./pick-instance.ts";
import type { Speaker } from "./speaker.ts";

/** Options of a container. */
export interface ContainerOptions {
  readonly components: readonly Component[];
  readonly node: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly caller: Caller;
  readonly flows: Flows;
  readonly speakerFor: (source: Source) => Speaker;
}

/** One instance, for those who look from outside. */
export interface InstanceView {
  readonly id: string;
  readonly state: InstanceState;
  readonly incarnation: number;
  readonly waiting: number;
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
  /** Starts every instance; when one cannot start, those that did are stopped and nothing runs. */
  start(): Promise<void>;
  /** Finishes what was accepted within the limit and stops every instance. */
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
  #draining = false;

  constructor(options: ContainerOptions) {
    this.#options = options;
    for (const component of options.components) {
      const { name } = contractOf(component.service);
      if (this.#components.has(name)) {
        throw new OrreryError(
          "already_exists",
          `Cannot run component "${name}" twice in node "${options.node}": set its option "instances" for more copies`,
        );
      }
      this.#components.set(name, createReplicas({ ...options, component, deadlines: options.caller.deadlines }));
    }
  }

  async start(): Promise<void> {
    const starting = [...this.#components.values()];
    try {
      for (const replicas of starting) await replicas.check();
      for (const replicas of starting) await replicas.start();
    } catch (error) {
      await this.stop(0);
      throw error;
    }
  }

  async stop(timeoutMs: number = DRAIN_TIMEOUT_MS): Promise<void> {
    this.#draining = true;
    await Promise.all([...this.#components.values()].map((replicas) => replicas.stop(timeoutMs)));
  }

  has(component: string): boolean {
    return this.#components.has(component);
  }

  accept(envelope: Envelope, port: Port): void {
    const { head } = envelope;
    if (head === undefined)
      return bounce(
        envelope,
        port,
        failure("malformed", `Cannot accept message ${envelope.id}: it has no head`),
        this.#options.node,
      );
    try {
      const { replicas, method } = this.#target(envelope, head);
      if (envelope.kind === Kind.broadcast) this.#broadcast(envelope, head, replicas, method, port);
      else this.#deliver(envelope, head, replicas, method, port);
    } catch (error) {
      bounce(envelope, port, error as OrreryError, this.#options.node); // I1, I2
    }
  }

  follow(envelope: Envelope, port: Port): void {
    const message = this.#find((candidate) => candidate.envelope.id === envelope.id && candidate.port === port);
    if (message === undefined) return;
    if (envelope.kind === Kind.streamCredit) message.writer?.credit(envelope.credit);
    else this.#giveUp(message, failure("cancelled", "The caller gave up"));
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
      instances: instances.map(({ id, state, incarnation, queue }) => ({
        id,
        state,
        incarnation,
        waiting: queue.waiting,
      })),
    }));
  }

  #deliver(envelope: Envelope, head: Head, replicas: Replicas, method: MethodContract, port: Port): void {
    const { instance, beside } = pickInstance({
      envelope,
      head,
      instances: replicas.instances,
      reentrant: replicas.component.options.reentrant ?? "refuse",
    });
    const message = new MessageContext(instance.host, envelope, head, method, port);
    if (beside) instance.queue.acceptBeside(message);
    else instance.queue.accept(message);
  }

  #broadcast(envelope: Envelope, head: Head, replicas: Replicas, method: MethodContract, port: Port): void {
    for (const instance of replicas.instances) {
      if (instance.state !== "ready") continue;
      const own = { ...envelope };
      if (envelope.bytes === undefined) own.value = method.request.copy(envelope.value);
      instance.queue.accept(new MessageContext(instance.host, own, head, method, port));
    }
  }

  #target(envelope: Envelope, head: Head): { replicas: Replicas; method: MethodContract } {
    const where = { where: this.#options.node };
    if (this.#draining)
      throw failure(
        "draining",
        `Cannot accept "${head.component}.${head.method}": node "${this.#options.node}" is shutting down`,
        where,
      );
    if (envelope.wire > 1) {
      throw failure(
        "wire_version",
        `Cannot read message ${envelope.id}: it is of wire version ${envelope.wire}, this node reads up to 1`,
        where,
      );
    }
    const replicas = this.#components.get(head.component);
    if (replicas === undefined) {
      const known = [...this.#components.keys()].map((name) => `"${name}"`).join(", ");
      throw failure(
        "no_such_component",
        `Cannot call component "${head.component}": node "${this.#options.node}" has ${known === "" ? "none" : known}`,
        where,
      );
    }
    return { replicas, method: replicas.method(envelope, head) };
  }

  #giveUp(message: MessageContext, reason: OrreryError): void {
    message.answered = true;
    message.writer?.cancel(reason);
    message.abort(reason);
    this.#options.caller.cancelChildren(message);
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
