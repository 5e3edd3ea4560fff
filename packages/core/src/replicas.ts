import type { Component, Requirement } from "./component.ts";
import type { ContainerOptions } from "./container.ts";
import { contractOf, type MethodContract, type ServiceContract } from "./contract.ts";
import { type Envelope, type Head, Kind, type Mode } from "./envelope.ts";
import { createInstance, type Instance } from "./instance.ts";
import { HOOK_TIMEOUT_MS, RESTART_WINDOW_MS, RESTARTS_MAX } from "./limits.ts";
import { failure, type OrreryError } from "./orrery-error.ts";
import type { StreamTable } from "./stream-table.ts";
import { messageOf } from "./thrown-text.ts";

/** Options of the replicas of one component. */
export interface ReplicasOptions extends Omit<ContainerOptions, "components"> {
  readonly component: Component;
  /** Called when one of the instances has nothing left to do. */
  readonly onIdle: () => void;
  /** Where the container finds streams that are open. */
  readonly streams: StreamTable;
}

/**
 * The instances of one component in one container. Owns: its slots, and the restarts of each.
 * I1: there are as many slots as the component asks for. I2: a slot that crashed gets a fresh instance, until it crashed `RESTARTS_MAX`
 * times within `RESTART_WINDOW_MS`; then it stays failed.
 */
export interface Replicas {
  readonly name: string;
  readonly component: Component;
  readonly instances: readonly Instance[];
  /** Checks what the component requires; gives a line for each thing that is missing. */
  missing(): Promise<readonly string[]>;
  /** Starts the instances at once; each promise ends when its instance is ready, or rejects when it cannot start. */
  start(): readonly Promise<void>[];
  /** Runs the drain hooks; from here on nothing is restarted. */
  drain(): Promise<void>;
  /** Ends what is left, saying why, and runs the stop hooks. */
  stop(why: string): Promise<void>;
  /** Finds the method that a message is for. @throws OrreryError saying what does not fit. */
  method(envelope: Envelope, head: Head): MethodContract;
}

/** Makes the replicas of a component. */
export function createReplicas(options: ReplicasOptions): Replicas {
  return new SlotReplicas(options);
}

const MODE_OF_KIND: Readonly<Record<number, Mode>> = {
  [Kind.request]: "sync",
  [Kind.oneWay]: "async",
  [Kind.streamOpen]: "stream",
  [Kind.broadcast]: "broadcast",
};

class SlotReplicas implements Replicas {
  readonly name: string;
  readonly component: Component;
  readonly instances: Instance[] = [];
  readonly #options: ReplicasOptions;
  readonly #contract: ServiceContract;
  readonly #byName = new Map<string, MethodContract>();
  readonly #fits = new WeakMap<Head, MethodContract>();
  readonly #crashes = new Map<number, number[]>();
  /** The head of the last message is most often that of the next. */
  #lastHead: Head | undefined;
  #lastMethod: MethodContract | undefined;
  #incarnations = 0;
  #stopping = false;

  constructor(options: ReplicasOptions) {
    this.#options = options;
    this.component = options.component;
    this.#contract = contractOf(options.component.service);
    this.name = this.#contract.name;
    for (const method of this.#contract.methods.values()) this.#byName.set(method.name, method);
    const count = options.component.options.instances ?? 1;
    for (let slot = 0; slot < count; slot++) this.instances.push(this.#make(slot)); // I1
  }

  async missing(): Promise<readonly string[]> {
    const requires = this.component.options.requires ?? [];
    const found = await Promise.all(requires.map((requirement) => this.#missing(requirement)));
    return found.filter((text) => text !== undefined);
  }

  start(): readonly Promise<void>[] {
    return this.instances.map((instance) => instance.start());
  }

  async drain(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.instances.map((instance) => instance.drain()));
  }

  async stop(why: string): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.stop(why)));
  }

  method(envelope: Envelope, head: Head): MethodContract {
    const method = head === this.#lastHead && this.#lastMethod !== undefined ? this.#lastMethod : this.#known(head);
    if (MODE_OF_KIND[envelope.kind] !== method.mode)
      throw this.#wrongMode(method, MODE_OF_KIND[envelope.kind] ?? "sync");
    if (envelope.kind === Kind.streamOpen && !(envelope.idleMs > 0)) {
      throw failure(
        "malformed",
        `Cannot open stream "${this.name}.${method.name}": it has no idle deadline, send one of at least 1 µs`,
      );
    }
    return method;
  }

  #known(head: Head): MethodContract {
    let method = this.#fits.get(head);
    if (method === undefined) {
      method = this.#fitting(head);
      this.#fits.set(head, method);
    }
    this.#lastHead = head;
    this.#lastMethod = method;
    return method;
  }

  #fitting(head: Head): MethodContract {
    const version = this.component.options.version ?? "0.0.0";
    if (head.version !== "" && head.version !== version) {
      throw failure("no_such_version", `Cannot call "${this.name}@${head.version}": only version ${version} is here`, {
        details: { versions: [version] },
      });
    }
    const method = this.#byName.get(head.method);
    if (method === undefined) {
      const known = [...this.#byName.keys()].join(", ");
      throw failure("no_such_method", `Cannot call "${this.name}.${head.method}": its methods are ${known}`, {
        details: { methods: [...this.#byName.keys()] },
      });
    }
    if (method.mode !== head.mode) throw this.#wrongMode(method, head.mode);
    if (head.fingerprint !== "" && head.fingerprint !== method.fingerprint) {
      const text = `Cannot call "${this.name}.${method.name}": the caller's contract has fingerprint ${head.fingerprint}, this one ${method.fingerprint}; generate both from the same contract`;
      throw failure("contract_mismatch", text);
    }
    if (head.contentType !== method.request.contentType) {
      const wanted = method.request.contentType === "" ? "application/protobuf" : method.request.contentType;
      throw failure(
        "contract_mismatch",
        `Cannot call "${this.name}.${method.name}": its body is "${head.contentType}", the contract says "${wanted}"`,
      );
    }
    return method;
  }

  #wrongMode(method: MethodContract, used: Mode): OrreryError {
    return failure("mode_mismatch", `Cannot call "${this.name}.${method.name}" as ${used}: its mode is ${method.mode}`);
  }

  async #missing(requirement: Requirement): Promise<string | undefined> {
    const { clock } = this.#options;
    const give = new AbortController();
    const late = clock.sleep(HOOK_TIMEOUT_MS, give.signal).then(
      () => `its check took longer than ${HOOK_TIMEOUT_MS} ms`,
      () => undefined,
    );
    try {
      const found = await Promise.race([Promise.resolve(requirement.check()), late]);
      return found === undefined ? undefined : `${requirement.name}: ${found}`;
    } catch (error) {
      return `${requirement.name}: its check failed, ${messageOf(error)}`;
    } finally {
      give.abort();
    }
  }

  #make(slot: number): Instance {
    const onCrash = (instance: Instance, cause: unknown) => void this.#replace(instance, cause);
    return createInstance({
      ...this.#options,
      contract: this.#contract,
      slot,
      incarnation: ++this.#incarnations,
      onCrash,
    });
  }

  async #replace(crashed: Instance, cause: unknown): Promise<void> {
    const { clock, log } = this.#options;
    const nowMs = clock.monotonic();
    const recent = (this.#crashes.get(crashed.slot) ?? []).filter((atMs) => nowMs - atMs < RESTART_WINDOW_MS);
    recent.push(nowMs);
    this.#crashes.set(crashed.slot, recent);
    await crashed.reportCrash({ cause, crashes: recent.length });
    if (this.#stopping) return;
    if (recent.length >= RESTARTS_MAX) {
      crashed.giveUp(`it crashed ${recent.length} times in ${RESTART_WINDOW_MS / 1000} s`); // I2
      log.error("instance given up", { instance: crashed.id, crashes: recent.length, withinMs: RESTART_WINDOW_MS });
      return;
    }
    const fresh = this.#make(crashed.slot);
    this.instances[this.instances.indexOf(crashed)] = fresh;
    try {
      await fresh.start();
    } catch (error) {
      log.error("instance did not start again", {
        instance: fresh.id,
        error: messageOf(error),
      });
      void this.#replace(fresh, error);
    }
  }
}
