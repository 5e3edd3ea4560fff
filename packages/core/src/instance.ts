import type { Clock } from "./clock.ts";
import type { Component } from "./component.ts";
import type { ServiceContract } from "./contract.ts";
import type { Deadlines } from "./deadlines.ts";
import type { Source } from "./envelope.ts";
import type { Flows } from "./flow.ts";
import { createHooks, type Hooks } from "./hooks.ts";
import type { CrashInfo, InstanceEnv, InstanceHandle, InstanceState } from "./instance-handle.ts";
import { createInstanceQueue, type InstanceQueue } from "./instance-queue.ts";
import { HOOK_TIMEOUT_MS } from "./limits.ts";
import type { Log } from "./log.ts";
import type { MessageHost } from "./message-context.ts";
import { failure, OrreryError } from "./orrery-error.ts";
import { type Random, randomName } from "./random.ts";
import type { Speaker } from "./speaker.ts";

/** What a container gives each instance. */
export interface InstanceOptions {
  readonly component: Component;
  readonly contract: ServiceContract;
  readonly node: string;
  readonly slot: number;
  readonly incarnation: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly deadlines: Deadlines;
  readonly flows: Flows;
  readonly speakerFor: (source: Source) => Speaker;
  /** Called once when the instance crashed, after its messages were ended. */
  readonly onCrash: (instance: Instance, cause: unknown) => void;
}

/**
 * One running copy of a component. Owns: its queue, its hooks, its memory, and where it stands in its life:
 * declared, starting, ready (saturated while its inbox is full), draining, stopped; or failed.
 * I1: each hook runs at most once, in that order. I2: no message is handled before `ready` or after `stopped`.
 */
export interface Instance {
  readonly id: string;
  readonly slot: number;
  readonly incarnation: number;
  readonly state: InstanceState;
  readonly queue: InstanceQueue;
  /** What its messages see of it. */
  readonly host: MessageHost;
  /** Makes the handlers and runs the start and ready hooks. @throws OrreryError naming what is wrong. */
  start(): Promise<void>;
  /** Finishes what was accepted, within `timeoutMs`, and stops. */
  stop(timeoutMs: number): Promise<void>;
  /** Runs the crash hook. */
  reportCrash(info: CrashInfo): Promise<void>;
}

/** Makes an instance; it does nothing before `start`. */
export function createInstance(options: InstanceOptions): Instance {
  return new LivingInstance(options);
}

class LivingInstance implements Instance {
  readonly id: string;
  readonly slot: number;
  readonly incarnation: number;
  readonly host: MessageHost;
  readonly queue: InstanceQueue;
  readonly #options: InstanceOptions;
  readonly #hooks: Hooks;
  readonly #handlers: Record<string, (request: unknown, context: unknown) => unknown> = {};
  readonly #stopping = new AbortController();
  #state: InstanceState = "declared";
  #whenIdle: (() => void) | undefined;

  constructor(options: InstanceOptions) {
    const { component, contract, node, slot, clock, random, deadlines, flows } = options;
    this.#options = options;
    this.slot = slot;
    this.incarnation = options.incarnation;
    this.id = `${contract.name}.${slot}-${randomName(random)}`;
    const log = options.log.with({ instance: this.id });
    const env: InstanceEnv = {};
    const speaker = options.speakerFor({ node, instance: this.id, incarnation: this.incarnation });
    this.host = { id: this.id, env, clock, random, log, speaker, deadlines, flows };
    this.#hooks = createHooks({ clock, timeoutMs: HOOK_TIMEOUT_MS, name: this.id });
    this.queue = createInstanceQueue({
      component,
      contract,
      host: this.host,
      handlers: this.#handlers,
      onIdle: () => this.#whenIdle?.(),
    });
  }

  get state(): InstanceState {
    return this.#state === "ready" && this.queue.saturated ? "saturated" : this.#state;
  }

  async start(): Promise<void> {
    this.#state = "starting";
    try {
      Object.assign(this.#handlers, this.#options.component.factory(this.#handle()));
      assertHandlers(this.#options.contract, this.#handlers);
      await this.#hooks.run("start");
      if (this.#state !== "starting")
        throw new OrreryError("aborted", `Cannot start "${this.id}": it crashed while starting`);
      this.#state = "ready"; // I2
      await this.#hooks.run("ready");
    } catch (error) {
      this.#state = "failed";
      throw error;
    }
  }

  async stop(timeoutMs: number): Promise<void> {
    if (this.#state !== "ready") {
      this.#state = "stopped";
      return;
    }
    this.#state = "draining";
    await this.#quietly("drain");
    if (this.queue.load > 0) await this.#drain(timeoutMs);
    this.queue.abandon(
      failure("draining", `Cannot finish at "${this.id}": it stopped after draining for ${timeoutMs} ms`, {
        where: this.id,
      }),
    );
    this.#stopping.abort(failure("draining", `Instance "${this.id}" stopped`));
    this.#state = "stopped";
    await this.#quietly("stop");
  }

  async reportCrash(info: CrashInfo): Promise<void> {
    await this.#quietly("crash", info);
  }

  #crash(cause: unknown): void {
    if (this.#state !== "ready" && this.#state !== "draining" && this.#state !== "starting") return;
    const started = this.#state !== "starting";
    this.#state = "failed";
    this.host.log.error("instance crashed", {
      error: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
    });
    this.queue.abandon(failure("instance_crashed", `Cannot finish at "${this.id}": it crashed`, { where: this.id }));
    this.#stopping.abort(failure("instance_crashed", `Instance "${this.id}" crashed`));
    if (started) this.#options.onCrash(this, cause);
  }

  async #drain(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.timer(timeoutMs, resolve);
      this.#whenIdle = () => {
        timer.cancel();
        resolve();
      };
    });
    this.#whenIdle = undefined;
  }

  async #quietly(hook: "drain" | "stop" | "crash", info?: CrashInfo): Promise<void> {
    try {
      await this.#hooks.run(hook, info);
    } catch (error) {
      this.host.log.error(`${hook} hook failed`, {
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  }

  #handle(): InstanceHandle {
    const { host, incarnation } = this;
    const { contract, component, node } = this.#options;
    const state = () => this.state;
    return {
      id: this.id,
      component: contract.name,
      version: component.options.version ?? "0.0.0",
      node,
      incarnation,
      get state() {
        return state();
      },
      env: host.env,
      clock: host.clock,
      random: host.random,
      log: host.log,
      signal: this.#stopping.signal,
      onStart: (hook) => this.#hooks.set("start", hook),
      onReady: (hook) => this.#hooks.set("ready", hook),
      onDrain: (hook) => this.#hooks.set("drain", hook),
      onStop: (hook) => this.#hooks.set("stop", hook),
      onCrash: (hook) => this.#hooks.set("crash", hook),
      crash: (cause) => this.#crash(cause),
      client: (service) => host.speaker.client(service),
      send: (service) => host.speaker.send(service),
      publish: (service) => host.speaker.publish(service),
    };
  }
}

function assertHandlers(contract: ServiceContract, handlers: Readonly<Record<string, unknown>>): void {
  const missing = [...contract.methods.values()].filter((method) => typeof handlers[method.localName] !== "function");
  if (missing.length > 0) {
    const names = missing.map((method) => `"${method.localName}"`).join(", ");
    throw new OrreryError(
      "invalid_argument",
      `Cannot start component "${contract.name}": it has no handler for ${names}, its factory must return one for each method`,
    );
  }
  const extra = Object.keys(handlers).filter((name) => !contract.methods.has(name));
  if (extra.length > 0) {
    const names = extra.map((name) => `"${name}"`).join(", ");
    const known = [...contract.methods.keys()].join(", ");
    throw new OrreryError(
      "invalid_argument",
      `Cannot start component "${contract.name}": it has handlers for ${names}, which the contract does not know; its methods are ${known}`,
    );
  }
}
