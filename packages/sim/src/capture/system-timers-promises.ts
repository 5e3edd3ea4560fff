import timersPromises from "node:timers/promises";
import { delayOf, OwnedImmediate, OwnedTimeout } from "./owned-timers.ts";
import { currentOwner, type Owner, runAs } from "./owner.ts";
import { type AnyFunction, imitate, type Patches } from "./patches.ts";

interface WaitOptions {
  readonly signal?: AbortSignal;
  readonly ref?: boolean;
}

/** Refuses what the native function refuses, and makes the error of an aborted wait: it never waits. */
type Refuse = (options: WaitOptions | undefined) => Promise<never>;

/** Replaces the timers that give promises, `scheduler` and `AbortSignal.timeout`, none of which goes by way of the others. */
export function patchTimerPromises(patches: Patches): void {
  const { setTimeout: nativeTimeout, setImmediate: nativeImmediate, setInterval: nativeInterval } = timersPromises;
  const replace = (target: object, name: string, replacement: AnyFunction) => {
    const native = Reflect.get(target, name) as AnyFunction;
    patches.set(target, name, imitate(replacement, native));
  };
  const waitFor = (owner: Owner, delay: unknown, value: unknown, options: WaitOptions | undefined) =>
    isPlain(delay, options)
      ? waitTimeout(
          owner,
          { delayMs: delayOf(delay), value, options },
          (given) => nativeTimeout(1, undefined, given) as Promise<never>,
        )
      : nativeTimeout(delay as number, value, options);
  const yieldNow = (owner: Owner, value: unknown, options: WaitOptions | undefined) =>
    isPlain(undefined, options)
      ? waitImmediate(owner, { value, options }, (given) => nativeImmediate(undefined, given) as Promise<never>)
      : nativeImmediate(value, options);

  replace(timersPromises, "setTimeout", (delay?: number, value?: unknown, options?: WaitOptions) => {
    const owner = currentOwner();
    return owner === undefined ? nativeTimeout(delay, value, options) : waitFor(owner, delay, value, options);
  });
  replace(timersPromises, "setImmediate", (value?: unknown, options?: WaitOptions) => {
    const owner = currentOwner();
    return owner === undefined ? nativeImmediate(value, options) : yieldNow(owner, value, options);
  });
  replace(timersPromises, "setInterval", (delay?: number, value?: unknown, options?: WaitOptions) => {
    const owner = currentOwner();
    if (owner === undefined || !isPlain(delay, options)) return nativeInterval(delay, value, options);
    const abort: Refuse = (given) => nativeTimeout(1, undefined, given) as Promise<never>;
    return repeat(owner, { delayMs: delayOf(delay), value, options }, abort);
  });

  const scheduler = Object.getPrototypeOf(timersPromises.scheduler) as typeof timersPromises.scheduler;
  const { wait: nativeWait, yield: nativeYield } = scheduler;
  replace(scheduler, "wait", function (this: unknown, delay: number, options?: WaitOptions) {
    const owner = currentOwner();
    if (owner === undefined) return Reflect.apply(nativeWait, this, [delay, options]);
    return waitFor(owner, delay, undefined, options);
  });
  replace(scheduler, "yield", function (this: unknown) {
    const owner = currentOwner();
    return owner === undefined ? Reflect.apply(nativeYield, this, []) : yieldNow(owner, undefined, undefined);
  });
  replace(AbortSignal, "timeout", abortTimeout(AbortSignal.timeout));
}

/** Whether a wait can be an owner's: the native function refuses all else, and never begins what its signal has ended. */
function isPlain(delay: unknown, options: unknown): boolean {
  if (delay !== undefined && typeof delay !== "number") return false;
  if (options === undefined) return true;
  if (typeof options !== "object" || options === null) return false;
  const { signal, ref } = options as { signal?: unknown; ref?: unknown };
  if (ref !== undefined && typeof ref !== "boolean") return false;
  return signal === undefined || (signal instanceof AbortSignal && !signal.aborted);
}

interface Wait {
  readonly value: unknown;
  readonly options: WaitOptions | undefined;
}

function waitTimeout(owner: Owner, wait: Wait & { readonly delayMs: number }, abort: Refuse): Promise<unknown> {
  const { delayMs } = wait;
  return waitOn(wait, abort, (callback) => new OwnedTimeout(owner, { callback, given: [], delayMs, repeats: false }));
}

function waitImmediate(owner: Owner, wait: Wait, abort: Refuse): Promise<unknown> {
  return waitOn(wait, abort, (callback) => new OwnedImmediate(owner, callback, []));
}

function waitOn({ value, options }: Wait, abort: Refuse, start: (fire: () => void) => Disposable): Promise<unknown> {
  const signal = options?.signal;
  return new Promise((resolve) => {
    const timer = start(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve(value);
    });
    const onAbort = () => {
      timer[Symbol.dispose]();
      resolve(abort(options));
    };
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

async function* repeat(
  owner: Owner,
  wait: Wait & { readonly delayMs: number },
  abort: Refuse,
): AsyncGenerator<unknown> {
  const { delayMs, value, options } = wait;
  const signal = options?.signal;
  let due = 0;
  let wake = () => {};
  const callback = () => {
    due++;
    wake();
  };
  const onAbort = () => wake();
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = new OwnedTimeout(owner, { callback, given: [], delayMs, repeats: true });
  try {
    for (;;) {
      if (signal?.aborted) await abort(options);
      for (; due > 0; due--) yield value;
      if (signal?.aborted) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    timer.close();
    signal?.removeEventListener("abort", onAbort);
  }
}

function abortTimeout(native: (delayMs: number) => AbortSignal): AnyFunction {
  return (delayMs: number): AbortSignal => {
    const owner = currentOwner();
    const isFit = Number.isInteger(delayMs) && delayMs >= 0 && delayMs <= Number.MAX_SAFE_INTEGER;
    if (owner === undefined || !isFit) return native(delayMs);
    const controller = new AbortController();
    const expire = () => controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
    owner.clock.timer(delayMs, () => runAs(owner, expire));
    return controller.signal;
  };
}
