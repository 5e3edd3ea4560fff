import { currentOwner } from "./owner.ts";
import { type AnyFunction, imitate, type Patches } from "./patches.ts";

/** Replaces what measures: `performance`, `process.hrtime`, `process.uptime`, and the time stamp of events. */
export function patchMeasures(patches: Patches): void {
  patchPerformance(patches);
  patchProcess(patches);
  const readStamp = Object.getOwnPropertyDescriptor(Event.prototype, "timeStamp")?.get as AnyFunction;
  const stamps = new WeakMap<object, number>();
  patches.get(Event.prototype, "timeStamp", function () {
    const native = Reflect.apply(readStamp, this, []) as number;
    const owner = currentOwner();
    if (owner === undefined) return native;
    // When an event was made is not known here: the first look at it stands for that.
    const stamp = stamps.get(this as object) ?? owner.uptimeMs();
    stamps.set(this as object, stamp);
    return stamp;
  });
}

type MarkOptions = { readonly startTime?: number };
type MeasureOptions = { readonly start?: unknown; readonly end?: unknown; readonly duration?: number };

function patchPerformance(patches: Patches): void {
  const prototype = Performance.prototype;
  const { now, mark, measure, toJSON } = prototype;
  const replace = (name: keyof Performance, replacement: AnyFunction, native: AnyFunction) =>
    patches.set(prototype, name, imitate(replacement, native));
  const monotonic = () => currentOwner()?.uptimeMs();

  // Much of what is timed calls this often: no argument is gathered.
  const captured = function (this: Performance): number {
    return monotonic() ?? now.call(this);
  };
  replace("now", captured, now);
  const origin = Object.getOwnPropertyDescriptor(prototype, "timeOrigin")?.get as AnyFunction;
  patches.get(prototype, "timeOrigin", function () {
    return currentOwner()?.timeOriginMs ?? Reflect.apply(origin, this, []);
  });
  const toOwnJson = function (this: Performance): object {
    const owner = currentOwner();
    return owner === undefined ? toJSON.call(this) : { timeOrigin: owner.timeOriginMs };
  };
  replace("toJSON", toOwnJson, toJSON);
  const markNow = function (this: Performance, name: string, options?: MarkOptions): unknown {
    const startTime = options?.startTime ?? monotonic();
    return mark.call(this, name, startTime === undefined ? options : { ...options, startTime });
  };
  replace("mark", markNow, mark);
  const measureNow = function (this: Performance, name: string, start?: unknown, end?: unknown): unknown {
    const nowMs = monotonic();
    const given = nowMs === undefined ? [start, end] : [spanOf(start, end, nowMs)];
    return Reflect.apply(measure, this, [name, ...given]);
  };
  replace("measure", measureNow, measure);
}

/** What `performance.measure` is given, with the owner's time in place of none. */
function spanOf(start: unknown, end: unknown, nowMs: number): MeasureOptions {
  if (typeof start === "object" && start !== null) {
    const options = start as MeasureOptions;
    const isClosed = options.end !== undefined || (options.start !== undefined && options.duration !== undefined);
    return isClosed ? options : { ...options, end: nowMs };
  }
  return { start: start ?? 0, end: end ?? nowMs };
}

function patchProcess(patches: Patches): void {
  const { hrtime, uptime } = process;
  const { bigint } = hrtime;
  const nanoseconds = (ms: number) => BigInt(Math.floor(ms * 1000)) * 1000n;
  const captured = (since?: [number, number]): [number, number] => {
    const owner = currentOwner();
    if (owner === undefined) return hrtime(since);
    if (since !== undefined && !Array.isArray(since)) return hrtime(since); // It refuses.
    const [seconds, rest] = since ?? [0, 0];
    const passed = nanoseconds(owner.uptimeMs()) - (BigInt(seconds) * 1_000_000_000n + BigInt(rest));
    const whole = passed / 1_000_000_000n;
    return [Number(whole), Number(passed - whole * 1_000_000_000n)];
  };
  const capturedBigint = () => {
    const owner = currentOwner();
    return owner === undefined ? bigint() : nanoseconds(owner.uptimeMs());
  };
  const replacement = imitate(captured, hrtime, ["bigint"]);
  Object.defineProperty(replacement, "bigint", {
    value: imitate(capturedBigint, bigint),
    writable: true,
    enumerable: true,
  });
  patches.set(process, "hrtime", replacement);
  const capturedUptime = () => {
    const owner = currentOwner();
    return owner === undefined ? uptime() : owner.uptimeMs() / 1000;
  };
  patches.set(process, "uptime", imitate(capturedUptime, uptime));
}
