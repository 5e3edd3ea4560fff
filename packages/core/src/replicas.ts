import { type Capacity, capacityOf, changeCapacity, type Room } from "./capacity.ts";
import type { Component, Requirement } from "./component.ts";
import type { ContainerOptions } from "./container.ts";
import { contractOf, type MethodContract, type ServiceContract } from "./contract.ts";
import { endStreams } from "./end-streams.ts";
import { type Envelope, type Head, Kind, type Mode } from "./envelope.ts";
import { createInstance, type Instance } from "./instance.ts";
import type { Keeper } from "./keeper.ts";
import { HOOK_TIMEOUT_MS, RESTART_WINDOW_MS, RESTARTS_MAX } from "./limits.ts";
import { failure, OrreryError } from "./orrery-error.ts";
import type { StreamTable } from "./stream-table.ts";
import { messageOf } from "./thrown-text.ts";

/** Options of the replicas of one component. */
export interface ReplicasOptions extends Omit<ContainerOptions, "components" | "totals" | "journal"> {
  /** Lets messages outlive instances; absent where none is kept. */
  readonly keeper: Keeper | undefined;
  readonly component: Component;
  /** What may wait in the node. */
  readonly room: Room;
  /** Called when one of the instances has nothing left to do. */
  readonly onIdle: () => void;
  /** Where the container finds streams that are open. */
  readonly streams: StreamTable;
}

/**
 * The instances of one component in one container. Owns: its slots, and the restarts of each.
 * I1: as many instances take messages as the capacity says; those beyond are leaving, and go when they have nothing left. I2: a slot that crashed gets a fresh instance, until it crashed `RESTARTS_MAX`
 * times within `RESTART_WINDOW_MS`; then it stays failed.
 */
export interface Replicas {
  readonly name: string;
  readonly component: Component;
  /** Those that are leaving included. */
  readonly instances: readonly Instance[];
  /** Of them, how many are leaving. */
  readonly leaving: number;
  /** What may run and wait here, as it is now. */
  readonly capacity: Capacity;
  /** Changes the capacity. Ends when what is added is ready, and what is taken away has finished. @throws OrreryError */
  setCapacity(change: Partial<Capacity>): Promise<void>;
  /** Checks what the component requires; gives a line for each thing that is missing. */
  missing(): Promise<readonly string[]>;
  /** Starts the instances at once; each promise ends when its instance is ready, or rejects when it cannot start. */
  start(): readonly Promise<void>[];
  /** Whether they are on their way to an end. */
  readonly draining: boolean;
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
  readonly capacity: { -readonly [K in keyof Capacity]: Capacity[K] };
  leaving = 0;
  readonly #options: ReplicasOptions;
  readonly #contract: ServiceContract;
  readonly #byName = new Map<string, MethodContract>();
  readonly #fits = new WeakMap<Head, MethodContract>();
  readonly #crashes = new Map<number, number[]>();
  readonly #starts = new WeakMap<Instance, Promise<void>>();
  /** Told when an instance that is leaving has nothing left, or is no more. */
  readonly #whenDone = new Map<Instance, () => void>();
  /** The head of the last message is most often that of the next. */
  #lastHead: Head | undefined;
  #lastMethod: MethodContract | undefined;
  #incarnations = 0;
  #started = false;
  #stopping = false;

  constructor(options: ReplicasOptions) {
    this.#options = options;
    this.component = options.component;
    this.#contract = contractOf(options.component.service);
    this.name = this.#contract.name;
    for (const method of this.#contract.methods.values()) this.#byName.set(method.name, method);
    this.capacity = { ...capacityOf(options.component, this.name, options.capacity?.[this.name]) };
    for (let slot = 0; slot < this.capacity.instances; slot++) this.instances.push(this.#make(slot)); // I1
  }

  async setCapacity(change: Partial<Capacity>): Promise<void> {
    if (!this.#started || this.#stopping) {
      const why = this.#stopping ? "it is being drained" : "its node was not started, give it as the node's option";
      throw new OrreryError("failed_precondition", `Cannot set the capacity of "${this.name}": ${why}`);
    }
    const next = changeCapacity(this.name, change, this.capacity);
    const added = next.instances - this.capacity.instances;
    Object.assign(this.capacity, next);
    if (added > 0) await this.#grow(added);
    else if (added < 0) await Promise.all(this.#outermost(-added).map((instance) => this.#retire(instance)));
  }

  async missing(): Promise<readonly string[]> {
    const requires = this.component.options.requires ?? [];
    const found = await Promise.all(requires.map((requirement) => this.#missing(requirement)));
    return found.filter((text) => text !== undefined);
  }

  start(): readonly Promise<void>[] {
    this.#started = true;
    return this.instances.map((instance) => this.#begin(instance));
  }

  get draining(): boolean {
    return this.#stopping;
  }

  async drain(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.instances.map((instance) => instance.drain()));
  }

  async stop(why: string): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.stop(why)));
    for (const done of this.#whenDone.values()) done();
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

  #begin(instance: Instance): Promise<void> {
    const started = instance.start();
    this.#starts.set(instance, started);
    return started;
  }

  /** Starts more, all at once; those that cannot start are taken away again. */
  async #grow(count: number): Promise<void> {
    const fresh = Array.from({ length: count }, () => {
      const instance = this.#make(this.#freeSlot());
      this.instances.push(instance);
      return instance;
    });
    this.#options.keeper?.resume(this.name);
    const starts = await Promise.allSettled(fresh.map((instance) => this.#begin(instance)));
    for (const [at, { status }] of starts.entries()) {
      const instance = fresh[at];
      if (status === "fulfilled" || instance === undefined || instance.leaving || this.#stopping) continue;
      this.#remove(instance);
      this.capacity.instances--;
    }
    const failed = starts.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  /** The lowest number that no instance has. */
  #freeSlot(): number {
    const taken = new Set(this.instances.map(({ slot }) => slot));
    let slot = 0;
    while (taken.has(slot)) slot++;
    return slot;
  }

  /** Those that go first: what failed, then the highest slots, so that keys stay where they are. */
  #outermost(count: number): readonly Instance[] {
    const rank = ({ state, slot }: Instance) => (state === "failed" ? Number.MAX_SAFE_INTEGER : slot);
    const staying = this.instances.filter(({ leaving }) => !leaving);
    return staying.sort((a, b) => rank(b) - rank(a)).slice(0, count);
  }

  /** Lets an instance finish what it accepted, whatever time that takes, and takes it away. */
  async #retire(instance: Instance): Promise<void> {
    instance.leave();
    this.leaving++;
    await this.#starts.get(instance)?.catch(() => undefined);
    const drained = instance.drain();
    endStreams([instance], { where: instance.id, why: () => `instance "${instance.id}" is being taken away` });
    await Promise.all([drained, this.#done(instance)]);
    if (instance.state !== "failed") await instance.stop("it was taken away");
    this.leaving--;
    this.#remove(instance);
  }

  #done(instance: Instance): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (instance.queue.load > 0 && instance.taking) return;
        this.#whenDone.delete(instance);
        resolve();
      };
      this.#whenDone.set(instance, look);
      look();
    });
  }

  #remove(instance: Instance): void {
    const at = this.instances.indexOf(instance);
    if (at !== -1) this.instances.splice(at, 1);
    if (!this.instances.some(({ slot }) => slot === instance.slot)) this.#crashes.delete(instance.slot);
  }

  #make(slot: number): Instance {
    const onCrash = (instance: Instance, cause: unknown) => void this.#replace(instance, cause);
    const instance: Instance = createInstance({
      ...this.#options,
      capacity: this.capacity,
      contract: this.#contract,
      slot,
      incarnation: ++this.#incarnations,
      onCrash,
      onIdle: () => {
        if (this.leaving > 0) this.#whenDone.get(instance)?.();
        this.#options.onIdle();
      },
    });
    return instance;
  }

  async #replace(crashed: Instance, cause: unknown): Promise<void> {
    const { clock, log, keeper } = this.#options;
    const nowMs = clock.monotonic();
    const recent = (this.#crashes.get(crashed.slot) ?? []).filter((atMs) => nowMs - atMs < RESTART_WINDOW_MS);
    recent.push(nowMs);
    this.#crashes.set(crashed.slot, recent);
    this.#whenDone.get(crashed)?.();
    await crashed.reportCrash({ cause, crashes: recent.length });
    if (crashed.leaving) keeper?.resume(this.name);
    if (this.#stopping || crashed.leaving) return;
    if (recent.length >= RESTARTS_MAX) {
      crashed.giveUp(`it crashed ${recent.length} times in ${RESTART_WINDOW_MS / 1000} s`); // I2
      log.error("instance given up", { instance: crashed.id, crashes: recent.length, withinMs: RESTART_WINDOW_MS });
      keeper?.resume(this.name);
      return;
    }
    const fresh = this.#make(crashed.slot);
    this.instances[this.instances.indexOf(crashed)] = fresh;
    keeper?.resume(this.name);
    try {
      await this.#begin(fresh);
    } catch (error) {
      log.error("instance did not start again", {
        instance: fresh.id,
        error: messageOf(error),
      });
      void this.#replace(fresh, error);
    }
  }
}
