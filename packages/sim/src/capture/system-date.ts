import { currentOwner } from "./owner.ts";
import { imitate, type Patches } from "./patches.ts";
import { parseInUtc, patchLocalTime } from "./system-local-time.ts";

/** Replaces `Date`, also for who comes to it by `constructor` of an instance, and pins the time zone of owners to UTC. */
export function patchDate(patches: Patches): void {
  const NativeDate = globalThis.Date;
  const nativeNow = NativeDate.now;
  const nativeParse = NativeDate.parse;
  const now = imitate(() => {
    const owner = currentOwner();
    return owner === undefined ? nativeNow() : Math.floor(owner.clock.now());
  }, nativeNow);
  const parse = imitate(
    (text: string) => (currentOwner() === undefined ? nativeParse(text) : parseInUtc(String(text), nativeParse)),
    nativeParse,
  );
  const CapturedDate = imitate(dateWith(NativeDate, nativeParse), NativeDate);
  patches.set(NativeDate, "now", now); // Somebody may have kept the native one before.
  patches.set(NativeDate, "parse", parse);
  Object.assign(CapturedDate, { now, parse });
  patches.set(NativeDate.prototype, "constructor", CapturedDate);
  patches.set(globalThis, "Date", CapturedDate);
  patchLocalTime(patches, NativeDate.prototype);
}

type DateParts = [number, number, number?, number?, number?, number?, number?];

function dateWith(NativeDate: DateConstructor, nativeParse: DateConstructor["parse"]): object {
  /** The time that arguments say for code of an owner, whose time zone is UTC. */
  const timeOf = (parts: unknown[]): unknown => {
    if (parts.length > 1) return NativeDate.UTC(...(parts as DateParts));
    const [value] = parts;
    if (value instanceof NativeDate) return value.getTime();
    const primitive = toPrimitive(value);
    return typeof primitive === "string" ? parseInUtc(primitive, nativeParse) : primitive;
  };
  return function CapturedDate(this: unknown, ...parts: unknown[]): unknown {
    const owner = currentOwner();
    if (new.target === undefined)
      return owner === undefined ? NativeDate() : new NativeDate(owner.clock.now()).toString();
    if (owner !== undefined) {
      const time = parts.length === 0 ? owner.clock.now() : timeOf(parts);
      if (new.target === CapturedDate) return new NativeDate(time as number);
      return Reflect.construct(NativeDate, [time], new.target);
    }
    return Reflect.construct(NativeDate, parts, new.target === CapturedDate ? NativeDate : new.target);
  };
}

/** What `Date` makes of an object before it looks whether it is text: `ToPrimitive` without a hint. */
function toPrimitive(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const convert = (value as { [Symbol.toPrimitive]?: (hint: string) => unknown })[Symbol.toPrimitive];
  if (typeof convert === "function") return convert.call(value, "default");
  const plain = value.valueOf();
  return typeof plain === "object" ? String(value) : plain;
}
