import type { Clock, Log, Random } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import { spaceOf } from "../address/space-of.ts";
import { USAGE_FLUSH_MS, USAGE_PLACES_MAX, USAGE_WRITER_KEPT_MS } from "../limits.ts";
import type { Registry } from "../registry.ts";
import type { Database } from "../store/database.ts";
import { createUsageStore, type UsageFlush, type UsagePlan, type UsageReport, type UsedAt } from "./usage-store.ts";
import type { Flow, Use } from "./use.ts";

/** Counts what is used. */
export interface Meter {
  /** Adds to what was used at an address; done at once, in memory. */
  count(address: string, use: Use): void;
  /** Has a source asked before each write to count what it has not told yet. Gives what ends that. */
  onCollect(collect: () => void): () => void;
}

/**
 * What was used, by address and owner: numbers that only grow, and bytes that are there.
 *
 * I1 What was counted is written once, or is still in memory. I2 Bytes follow the changes of the registry, each of which counts once: nothing
 * that happens to this process loses any.
 */
export interface Ledger extends Meter {
  /** Writes what was counted; done when it is safe, or rejects and has it still. */
  flush(): Promise<void>;
  /** A page of what was used, with all that was counted until now. */
  read(plan: Omit<UsagePlan, "at">): Promise<UsageReport>;
  /** Writes the rest. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of `createLedger`. */
export interface LedgerOptions {
  /** The registry's, of the newest schema. */
  readonly database: Database;
  /** Tells whether anything was written since. */
  readonly registry: Pick<Registry, "revision">;
  /** Says when to write. */
  readonly clock: Clock;
  /** Makes a name that no other ledger has. */
  readonly random: Random;
  /** Told where writing fails. Default: nobody; it is tried again. */
  readonly log?: Log;
  /** Whose is what lies in nothing that is there. Default: `operator`. */
  readonly operator?: string;
  /** How long what is counted stays in memory alone, in ms: what an end without warning loses. Default: 2,000. */
  readonly flushMs?: number;
}

/** Makes the ledger of a registry. Dispose of it before the database. */
export function createLedger(options: LedgerOptions): Ledger {
  return new RegistryLedger(options);
}

type Counts = Record<Flow, number>;
type Written = Pick<UsageFlush, "flush" | "used">;

class RegistryLedger implements Ledger {
  readonly #options: LedgerOptions;
  readonly #store;
  readonly #writer: string;
  readonly #sources = new Set<() => void>();
  #counted = new Map<string, Counts>();
  /** What is being written, or must be written again as it is, for nobody knows whether it was. */
  #under: Written | undefined;
  #flushes = 0;
  #running: Promise<void> = Promise.resolve();
  #timer: { cancel(): void } | undefined;
  #revision = -1;
  #isClosed = false;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#store = createUsageStore(options.database);
    this.#writer = Buffer.from(options.random.bytes(12)).toString("hex");
    this.#wait();
  }

  count(address: string, use: Use): void {
    const counts = this.#counted.get(address) ?? this.#begin(address);
    for (const flow of FLOWS) counts[flow] += use[flow] ?? 0;
  }

  onCollect(collect: () => void): () => void {
    this.#sources.add(collect);
    return () => this.#sources.delete(collect);
  }

  flush(): Promise<void> {
    const run = this.#running.then(() => this.#flush());
    this.#running = run.catch(() => {});
    return run;
  }

  async read(plan: Omit<UsagePlan, "at">): Promise<UsageReport> {
    await this.flush();
    return this.#store.read({ ...plan, at: this.#now() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.flush();
  }

  #now(): number {
    return Math.floor(this.#options.clock.now());
  }

  #wait(): void {
    const { clock, log, flushMs = USAGE_FLUSH_MS } = this.#options;
    this.#timer = clock.timer(flushMs, () => {
      void this.flush()
        .catch((error: unknown) => log?.warn("usage could not be written", { error: messageOf(error) }))
        .then(() => {
          if (!this.#isClosed) this.#wait();
        });
    });
  }

  /** I1 */
  async #flush(): Promise<void> {
    const { registry, operator = "operator" } = this.#options;
    for (const collect of this.#sources) collect();
    const at = this.#now();
    const revision = registry.revision();
    if (this.#under === undefined && this.#counted.size === 0 && revision === this.#revision) return;
    for (let rounds = this.#under === undefined ? 1 : 2; rounds > 0; rounds--) {
      this.#under ??= this.#take();
      await this.#store.write({ writer: this.#writer, at, nobody: operator, ...this.#under });
      this.#under = undefined;
    }
    if (this.#flushes === 1) await this.#store.forget(at - USAGE_WRITER_KEPT_MS);
    this.#revision = revision;
  }

  #take(): Written {
    const used = [...this.#counted].map(([address, counts]): UsedAt => ({ address, used: counts }));
    this.#counted = new Map();
    return { flush: ++this.#flushes, used };
  }

  /** Where no more places fit in memory, what comes counts for the space that it is in. */
  #begin(address: string): Counts {
    const isFull = this.#counted.size >= USAGE_PLACES_MAX;
    const place = isFull ? spaceOf(address) : address;
    const counts = this.#counted.get(place) ?? { networkIn: 0, networkOut: 0, cpuUs: 0, messages: 0 };
    this.#counted.set(place, counts);
    if (!isFull && this.#counted.size === USAGE_PLACES_MAX) void this.flush().catch(() => {});
    return counts;
  }
}

const FLOWS: readonly Flow[] = ["networkIn", "networkOut", "cpuUs", "messages"];
