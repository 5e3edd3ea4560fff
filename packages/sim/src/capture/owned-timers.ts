import { AsyncResource } from "node:async_hooks";
import type { Timer } from "@orrery/core";
import { currentOwner, type Owner } from "./owner.ts";

/** Longest delay of `setTimeout`, in ms; like Node, a longer one becomes 1 ms. */
const DELAY_MAX_MS = 2 ** 31 - 1;

/** What `setTimeout` makes of a delay: never under 1 ms, no fractions. */
export function delayOf(delay: unknown): number {
  const delayMs = Number(delay);
  return delayMs >= 1 && delayMs <= DELAY_MAX_MS ? Math.trunc(delayMs) : 1;
}

type Callback = (...given: unknown[]) => void;

/** Timers that somebody has turned into a number, by owner. */
const numbered = new WeakMap<Owner, Map<number, OwnedTimeout>>();

/** A timer of an owner's clock that looks as Node's `Timeout`. Its callback keeps the context in which it was set. */
export class OwnedTimeout extends AsyncResource {
  readonly #owner: Owner;
  readonly #callback: Callback;
  readonly #given: readonly unknown[];
  readonly #delayMs: number;
  readonly #repeats: boolean;
  #timer: Timer | undefined;
  #isCleared = false;
  #isReferenced = true;
  #id = 0;

  constructor(owner: Owner, { callback, given, delayMs, repeats }: OwnedTimeoutOptions) {
    super("Timeout");
    this.#owner = owner;
    this.#callback = callback;
    this.#given = given;
    this.#delayMs = delayMs;
    this.#repeats = repeats;
    this.#start();
  }

  ref(): this {
    this.#isReferenced = true;
    return this;
  }

  unref(): this {
    this.#isReferenced = false;
    return this;
  }

  hasRef(): boolean {
    return this.#isReferenced;
  }

  refresh(): this {
    if (!this.#isCleared) this.#start();
    return this;
  }

  close(): this {
    this.#isCleared = true;
    this.#timer?.cancel();
    if (this.#id !== 0) numbered.get(this.#owner)?.delete(this.#id);
    return this;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [Symbol.toPrimitive](): number {
    if (this.#id === 0) {
      this.#id = this.#owner.nextId();
      const known = numbered.get(this.#owner) ?? new Map<number, OwnedTimeout>();
      numbered.set(this.#owner, known.set(this.#id, this));
    }
    return this.#id;
  }

  #start(): void {
    this.#timer?.cancel();
    this.#timer = this.#owner.clock.timer(this.#delayMs, () => this.#fire());
  }

  #fire(): void {
    try {
      this.runInAsyncScope(this.#callback, this, ...this.#given);
    } finally {
      if (this.#repeats && !this.#isCleared) this.#start();
      else if (this.#id !== 0 && !this.#repeats) numbered.get(this.#owner)?.delete(this.#id);
    }
  }
}

/** What a timer does, and when. */
export interface OwnedTimeoutOptions {
  readonly callback: Callback;
  readonly given: readonly unknown[];
  readonly delayMs: number;
  readonly repeats: boolean;
}

/** What runs next in an owner's time, at the same instant; it looks as Node's `Immediate`. */
export class OwnedImmediate extends AsyncResource {
  readonly #timer: Timer;
  #isReferenced = true;

  constructor(owner: Owner, callback: Callback, given: readonly unknown[]) {
    super("Immediate");
    this.#timer = owner.clock.timer(0, () => this.runInAsyncScope(callback, this, ...given));
  }

  ref(): this {
    this.#isReferenced = true;
    return this;
  }

  unref(): this {
    this.#isReferenced = false;
    return this;
  }

  hasRef(): boolean {
    return this.#isReferenced;
  }

  close(): void {
    this.#timer.cancel();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The timer of the current owner that a number, or a number as text, stands for. */
export function numberedTimer(id: unknown): OwnedTimeout | undefined {
  if (typeof id !== "number" && typeof id !== "string") return undefined;
  const owner = currentOwner();
  return owner === undefined ? undefined : numbered.get(owner)?.get(Number(id));
}
