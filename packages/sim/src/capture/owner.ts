import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import type { Clock, Random } from "@orrery/core";
import type { ExternalCalls } from "./external-calls.ts";

/**
 * What becomes of real input and output inside an owner. `strict`: it throws. `external`: what gives a promise is done for real while the
 * world's clock stands still, and is recorded or replayed; the rest throws. `warn`: it is done, and said once for each place in the code.
 */
export type CaptureMode = "strict" | "external" | "warn";

/** Options of an owner. */
export interface OwnerOptions {
  /** Name of the node, for errors and records. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Default: `strict`. */
  readonly mode?: CaptureMode;
  /** Where the mode `external` records its calls, or replays them from. Default: such calls throw. */
  readonly externals?: ExternalCalls;
  /** Takes what the mode `warn` says. Default: a warning of the process. */
  readonly warn?: (text: string) => void;
}

/**
 * Whose time and chance the globals tell: one life of a modelled node. Code belongs to the owner in whose `runAs` it began, through
 * awaits, timers and promises.
 */
export interface Owner {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly mode: CaptureMode;
  readonly externals: ExternalCalls | undefined;
  readonly warn: ((text: string) => void) | undefined;
  /** Wall time at which its process began, as seen when the owner was made. */
  readonly timeOriginMs: number;
  /** Age of its process, in ms: what `performance.now` tells. */
  uptimeMs(): number;
  /** A number that this owner has not had before, from 1. */
  nextId(): number;
}

/** Makes an owner. Nothing belongs to it before `runAs`. */
export function createOwner(options: OwnerOptions): Owner {
  return new ScopedOwner(options);
}

/** Age of every process when its world begins: no program ever sees its clock at 0, and some take 0 for "never". */
const PROCESS_AGE_MS = 1_000;

const owners = new AsyncLocalStorage<ScopedOwner>();

/** Runs what belongs to no owner; made before there is one. */
const ambient = new AsyncResource("OrreryAmbient");

class ScopedOwner implements Owner {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly mode: CaptureMode;
  readonly externals: ExternalCalls | undefined;
  readonly warn: ((text: string) => void) | undefined;
  readonly timeOriginMs: number;
  /** Entering a scope that exists takes 15 ns; `AsyncLocalStorage.run` makes one anew, which takes 240 ns. */
  readonly scope: AsyncResource;
  #lastId = 0;

  constructor({ name, clock, random, mode = "strict", externals, warn }: OwnerOptions) {
    this.name = name;
    this.clock = clock;
    this.random = random;
    this.mode = mode;
    this.externals = externals;
    this.warn = warn;
    this.timeOriginMs = clock.now() - this.uptimeMs();
    this.scope = owners.run(this, () => new AsyncResource("OrreryOwner"));
  }

  uptimeMs(): number {
    return this.clock.monotonic() + PROCESS_AGE_MS;
  }

  nextId(): number {
    return ++this.#lastId;
  }
}

/** The owner of the code that asks; undefined for code outside of any world. */
export function currentOwner(): Owner | undefined {
  return owners.getStore();
}

/** Runs a function, and all that it leads to, as an owner's. */
export function runAs<T>(owner: Owner, run: () => T): T {
  return (owner as ScopedOwner).scope.runInAsyncScope(run);
}

/** Runs a function, and all that it leads to, as nobody's: with the machine's own time, chance, input and output. */
export function runAmbient<T>(run: () => T): T {
  return ambient.runInAsyncScope(run);
}
