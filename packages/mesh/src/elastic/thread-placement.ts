import { type Clock, type Log, OrreryError } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import { REST_MAX_MS, REST_MIN_MS } from "./limits.ts";
import type { Placement } from "./placement.ts";

/** What a thread runs: one instance of one component, in a node of its own. */
export interface ThreadProgram {
  /** Files and folders that hold the component. */
  readonly paths: readonly string[];
  /** Folder from which paths are named. */
  readonly cwd: string;
  /** Default: the one that is asked for. */
  readonly component?: string;
  /** Name of its node. */
  readonly node: string;
  /** Addresses at which it looks for the network, such as those of the node that started it. */
  readonly seeds: readonly string[];
  /** Address to open. Default: any port of 127.0.0.1. */
  readonly listen?: string;
  readonly agent?: string;
}

/** A thread that was started. */
export interface RunningThread {
  /** Resolves when it takes messages. @throws OrreryError why it does not. */
  readonly ready: Promise<void>;
  /** Resolves, with why, when it has ended, whoever ended it. */
  readonly ended: Promise<string>;
  /** Lets it finish what it accepted, and end. */
  drain(): void;
  /** Ends it at once. */
  kill(): void;
}

/** Options of worker threads of this process. */
export interface ThreadPlacementOptions {
  readonly clock: Clock;
  /** Starts a thread, such as `startThread`. */
  readonly start: (program: ThreadProgram) => RunningThread;
  /** What the thread of a slot, from 0, runs. Each life of a slot is asked for anew. */
  readonly programOf: (component: string, slot: number) => ThreadProgram;
  /** Threads of all components together. */
  readonly threadsMax: number;
  readonly log?: Log;
}

/** Threads of this process as a place for instances. */
export interface ThreadPlacement extends Placement {
  /** Lets every thread finish; resolves when all have ended. */
  close(): Promise<void>;
}

/** Runs instances in worker threads: started sooner than processes, and no more isolated than memory is within one. */
export function createThreadPlacement(options: ThreadPlacementOptions): ThreadPlacement {
  return new Threads(options);
}

interface Slot {
  readonly component: string;
  readonly number: number;
  thread: RunningThread | undefined;
  isReady: boolean;
  isLeaving: boolean;
  failures: number;
}

/** Owns: its threads. I1: a thread that ends unasked is replaced, later and later when it keeps ending. I2: one that drains is never replaced. */
class Threads implements ThreadPlacement {
  readonly name = "threads";
  readonly scope = "process" as const;
  readonly #options: ThreadPlacementOptions;
  readonly #slots = new Set<Slot>();

  constructor(options: ThreadPlacementOptions) {
    this.#options = options;
  }

  list(component: string) {
    const own = this.#staying().filter((slot) => slot.component === component);
    const starting = own.filter(({ isReady }) => !isReady).length;
    return { instances: own.length, starting, room: Math.max(0, this.#options.threadsMax - this.#slots.size) };
  }

  async grow(component: string, count: number): Promise<void> {
    const fresh = Array.from({ length: count }, () => this.#open(component));
    const ended = await Promise.allSettled(fresh.map((slot) => this.#run(slot)));
    for (const [at, { status }] of ended.entries()) {
      const slot = fresh[at];
      if (status === "rejected" && slot !== undefined) this.#slots.delete(slot);
    }
    const failed = ended.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  async shrink(component: string, count: number): Promise<void> {
    const own = this.#staying().filter((slot) => slot.component === component);
    const going = own.sort((a, b) => b.number - a.number).slice(0, count);
    await Promise.all(going.map((slot) => this.#drain(slot)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#slots].map((slot) => this.#drain(slot)));
  }

  #staying(): Slot[] {
    return [...this.#slots].filter(({ isLeaving }) => !isLeaving);
  }

  #open(component: string): Slot {
    const { threadsMax } = this.#options;
    if (this.#slots.size >= threadsMax)
      throw new OrreryError(
        "resource_exhausted",
        `Cannot run a thread of "${component}": ${threadsMax} run, its limit`,
      );
    const taken = new Set([...this.#slots].filter((slot) => slot.component === component).map(({ number }) => number));
    let number = 0;
    while (taken.has(number)) number++;
    const slot = { component, number, thread: undefined, isReady: false, isLeaving: false, failures: 0 };
    this.#slots.add(slot);
    return slot;
  }

  async #run(slot: Slot): Promise<void> {
    const { start, programOf } = this.#options;
    const thread = start(programOf(slot.component, slot.number));
    slot.thread = thread;
    await thread.ready;
    slot.isReady = true;
    void thread.ended.then((why) => this.#ended(slot, why));
  }

  #ended(slot: Slot, why: string): void {
    slot.isReady = false;
    slot.thread = undefined;
    if (slot.isLeaving || !this.#slots.has(slot)) return; // I2
    const { component, number } = slot;
    const restMs = slot.failures === 0 ? 0 : Math.min(REST_MAX_MS, REST_MIN_MS * 2 ** (slot.failures - 1));
    slot.failures++;
    this.#options.log?.warn("thread ended", { component, slot: number, why, againMs: restMs });
    this.#options.clock.timer(restMs, () => {
      if (slot.isLeaving) return;
      this.#run(slot).catch((error: unknown) => this.#ended(slot, messageOf(error))); // I1
    });
  }

  async #drain(slot: Slot): Promise<void> {
    slot.isLeaving = true;
    const { thread } = slot;
    if (thread !== undefined) {
      await thread.ready.catch(() => undefined);
      thread.drain();
      await thread.ended;
    }
    this.#slots.delete(slot);
  }
}
