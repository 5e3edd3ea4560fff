import timers from "node:timers";
import timersPromises from "node:timers/promises";
import { promisify } from "node:util";
import { delayOf, numberedTimer, OwnedImmediate, OwnedTimeout } from "./owned-timers.ts";
import { currentOwner } from "./owner.ts";
import { type AnyFunction, imitate, type Patches } from "./patches.ts";

type Callback = (...given: unknown[]) => void;

/** Replaces the functions of timers: inside an owner they are events of its clock. */
export function patchTimers(patches: Patches): void {
  const both = (name: keyof typeof timers, replacement: object) => {
    const native = timers[name];
    imitate(replacement, native, [promisify.custom]);
    patches.set(timers, name, replacement);
    patches.set(globalThis, name, replacement);
  };
  both("setTimeout", withPromise(timeoutWith(timers.setTimeout, false), "setTimeout"));
  both("setInterval", timeoutWith(timers.setInterval, true));
  both("setImmediate", withPromise(immediateWith(timers.setImmediate), "setImmediate"));
  both("clearTimeout", clearWith(timers.clearTimeout));
  both("clearInterval", clearWith(timers.clearInterval));
  const { clearImmediate } = timers;
  both("clearImmediate", (immediate: NodeJS.Immediate | undefined) => {
    if (immediate instanceof OwnedImmediate) immediate.close();
    else clearImmediate(immediate);
  });
}

/** What `util.promisify` makes of a timer function: whatever `node:timers/promises` has at that time. */
function withPromise(replacement: object, name: "setTimeout" | "setImmediate"): object {
  return Object.defineProperty(replacement, promisify.custom, { enumerable: true, get: () => timersPromises[name] });
}

function timeoutWith(native: AnyFunction, repeats: boolean): object {
  return (callback: Callback, delay?: unknown, ...given: unknown[]) => {
    const owner = currentOwner();
    // What is no function is refused as ever.
    if (owner === undefined || typeof callback !== "function") return native(callback, delay, ...given);
    return new OwnedTimeout(owner, { callback, given, delayMs: delayOf(delay), repeats });
  };
}

function immediateWith(native: AnyFunction): object {
  return (callback: Callback, ...given: unknown[]) => {
    const owner = currentOwner();
    if (owner === undefined || typeof callback !== "function") return native(callback, ...given);
    return new OwnedImmediate(owner, callback, given);
  };
}

function clearWith(native: AnyFunction): object {
  return (timer: unknown) => {
    const owned = timer instanceof OwnedTimeout ? timer : numberedTimer(timer);
    if (owned === undefined) native(timer);
    else owned.close();
  };
}
