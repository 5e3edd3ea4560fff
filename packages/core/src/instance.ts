import type { Caller } from "./caller.ts";
import type { Capacity, Room } from "./capacity.ts";
import type { Clock } from "./clock.ts";
import type { Component } from "./component.ts";
import type { ServiceContract } from "./contract.ts";
import type { Source } from "./envelope.ts";
import type { Flows } from "./flows.ts";
import { createHooks, type Hooks } from "./hooks.ts";
import type { CrashInfo, InstanceEnv, InstanceHandle, InstanceState } from "./instance-handle.ts";
import { createInstanceQueue, type InstanceQueue } from "./instance-queue.ts";
import type { Keeper } from "./keeper.ts";
import { HOOK_TIMEOUT_MS } from "./limits.ts";
import type { Log } from "./log.ts";
import type { MessageHost } from "./message-context.ts";
import { failure, OrreryError } from "./orrery-error.ts";
import type { PointHooks } from "./point.ts";
import { type Random, randomName } from "./random.ts";
import type { Speaker } from "./speaker.ts";
import type { StreamTable } from "./stream-table.ts";
import { type Handler, takeHandlers } from "./take-handlers.ts";
import { messageOf, stackOf } from "./thrown-text.ts";

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
  readonly caller: Caller;
  readonly flows: Flows;
  readonly points: PointHooks;
  readonly speakerFor: (source: Source) => Speaker;
  /** What may wait for it, as it is now. */
  readonly capacity: Capacity;
  /** Lets messages outlive it; absent where none is kept. */
  readonly keeper: Keeper | undefined;
  /** What may wait in the node. */
  readonly room: Room;
  /** Called when it has nothing left to do. */
  readonly onIdle: () => void;
  /** Where the container finds streams that are open. */
  readonly streams: StreamTable;
  /** Called once when the instance crashed, after its messages were ended. */
  readonly onCrash: (instance: Instance, cause: unknown) => void;
}

/**
 * One running copy of a component. Owns: its queue, its hooks, its memory, and where it stands in its life:
 * declared, starting, ready (saturated while its inbox is full), draining, stopped; or failed.
 * I1: each hook runs at most once, in that order. I2: no message is handled before `ready` or after `stopped`. What comes before waits.
 */
export interface Instance {
  readonly id: string;
  readonly slot: number;
  readonly incarnation: number;
  readonly state: InstanceState;
  /** Takes messages: ready, saturated or not, or draining, when the container lets only what it must finish through. */
  readonly taking: boolean;
  /** On its way to ready, for the first time: what is given to its queue waits until then. */
  readonly starting: boolean;
  /** Takes nothing new while others do: it finishes what it accepted, and goes. */
  readonly leaving: boolean;
  /** Why it is failed; else empty. */
  readonly reason: string;
  readonly queue: InstanceQueue;
  /** What its messages see of it. */
  readonly host: MessageHost;
  /** Makes the handlers and runs the start and ready hooks. @throws OrreryError naming what is wrong. */
  start(): Promise<void>;
  /** Runs the drain hook; what was accepted goes on. One that is starting is stopped: it has accepted nothing. */
  drain(): Promise<void>;
  /** Says that it is to go. */
  leave(): void;
  /** Ends what is left, saying why, and runs the stop hook. */
  stop(why: string): Promise<void>;
  /** Runs the crash hook. */
  reportCrash(info: CrashInfo): Promise<void>;
  /** Notes why it will not be replaced. */
  giveUp(reason: string): void;
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
  readonly #handlers: Record<string, Handler> = Object.create(null) as Record<string, Handler>;
  readonly #stopping = new AbortController();
  #state: InstanceState = "declared";
  leaving = false;
  #reason = "";

  constructor(options: InstanceOptions) {
    const { component, contract, node, slot, clock, random, caller, flows, points } = options;
    this.#options = options;
    this.slot = slot;
    this.incarnation = options.incarnation;
    this.id = `${contract.name}.${slot}-${randomName(random)}`;
    const log = options.log.with({ component: contract.name, instance: this.id });
    const env: InstanceEnv = {};
    const speaker = options.speakerFor({ node, instance: this.id, incarnation: this.incarnation });
    this.host = {
      id: this.id,
      node,
      env,
      clock,
      random,
      log,
      speaker,
      caller,
      flows,
      points,
      watch: caller.watch,
      accept: (message) => this.queue.accept(message),
      crash: (cause) => this.#crash(cause),
    };
    this.#hooks = createHooks({
      clock,
      timeoutMs: HOOK_TIMEOUT_MS,
      name: this.id,
      waitsFor: () => caller.openFrom(this.id),
    });
    this.queue = createInstanceQueue({
      component,
      contract,
      host: this.host,
      handlers: this.#handlers,
      capacity: options.capacity,
      room: options.room,
      onIdle: options.onIdle,
      streams: options.streams,
      keeper: options.keeper,
    });
  }

  get state(): InstanceState {
    return this.#state === "ready" && this.queue.saturated ? "saturated" : this.#state;
  }

  get taking(): boolean {
    return this.#state === "ready" || this.#state === "draining";
  }

  get starting(): boolean {
    return this.#state === "starting" || this.#state === "declared";
  }

  get reason(): string {
    return this.#state === "failed" ? this.#reason : "";
  }

  async start(): Promise<void> {
    if (this.#state !== "declared") {
      const code = this.#state === "stopped" ? "aborted" : "failed_precondition";
      throw new OrreryError(code, `Cannot start "${this.id}": it is ${this.#state}`);
    }
    this.#state = "starting";
    try {
      takeHandlers(this.#options, this.#handle(), this.#handlers);
      await this.#hooks.run("start");
      const { state } = this; // The hook may have changed it.
      if (state !== "starting")
        throw new OrreryError("aborted", `Cannot start "${this.id}": it ${endOf(state)} while starting`);
      this.#state = "ready"; // I2
      const ready = this.#hooks.run("ready");
      await Promise.resolve(); // The hook begins before the first message does.
      this.queue.open();
      await ready;
    } catch (error) {
      const why = `it could not start, ${messageOf(error)}`;
      if (this.state !== "stopped") this.#fail(why, why);
      throw error;
    }
  }

  async drain(): Promise<void> {
    if (this.starting) await this.stop("it was starting when its node was stopped");
    if (this.#state !== "ready") return;
    this.#state = "draining";
    await this.#quietly("drain");
  }

  leave(): void {
    this.leaving = true;
  }

  async stop(why: string): Promise<void> {
    const before = this.#state;
    if (before === "stopped") return;
    this.#state = "stopped";
    const text = `Cannot finish at "${this.id}": ${why}`;
    const where = { where: this.id };
    this.queue.abandon(() => ({
      waiting: failure("draining", text, where),
      running: failure("stopped", text, where),
    }));
    this.#stopping.abort(failure("stopped", `Instance "${this.id}" stopped`));
    this.#options.flows.leave(this.id);
    if (before === "ready" || before === "draining") await this.#quietly("stop");
  }

  async reportCrash(info: CrashInfo): Promise<void> {
    await this.#quietly("crash", info);
  }

  giveUp(reason: string): void {
    this.#reason = `${reason}, the last time because ${this.#reason}`;
  }

  #crash(cause: unknown): void {
    if (this.#state !== "ready" && this.#state !== "draining" && this.#state !== "starting") return;
    const started = this.#state !== "starting";
    this.host.log.error("instance crashed", {
      error: stackOf(cause),
    });
    this.#fail(`it crashed, ${messageOf(cause)}`, "it crashed");
    if (started) this.#options.onCrash(this, cause);
  }

  #fail(reason: string, told: string): void {
    this.#state = "failed";
    this.#reason ||= reason;
    const text = `Cannot finish at "${this.id}": ${told}`;
    const where = { where: this.id };
    this.queue.abandon(() => ({
      waiting: failure("not_ready", text, where),
      running: failure("instance_crashed", text, where),
    }));
    this.#stopping.abort(failure("instance_crashed", `Instance "${this.id}" crashed`));
    this.#options.flows.leave(this.id);
  }

  async #quietly(hook: "drain" | "stop" | "crash", info?: CrashInfo): Promise<void> {
    try {
      await this.#hooks.run(hook, info);
    } catch (error) {
      this.host.log.error(`${hook} hook failed`, {
        error: stackOf(error),
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
      settings: component.options.settings ?? {},
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

function endOf(state: InstanceState): string {
  return state === "stopped" ? "was stopped" : "crashed";
}
