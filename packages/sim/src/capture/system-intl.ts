import { currentOwner } from "./owner.ts";
import { type AnyFunction, imitate, type Patches } from "./patches.ts";
import { inUtc } from "./system-local-time.ts";

/** Replaces what formats dates: "now" where no date is given, and the time zone where none is named. */
export function patchIntl(patches: Patches): void {
  const Native = Intl.DateTimeFormat;
  const Captured = function DateTimeFormat(this: unknown, locales?: string, options?: Intl.DateTimeFormatOptions) {
    const given = [locales, currentOwner() === undefined ? options : inUtc(options)];
    return Reflect.construct(
      Native,
      given,
      new.target === undefined || new.target === Intl.DateTimeFormat ? Native : new.target,
    );
  };
  patches.set(Intl, "DateTimeFormat", imitate(Captured, Native));
  patches.set(Native.prototype, "constructor", Captured);
  patchFormat(patches, Native.prototype);
}

type Format = (date?: Date | number) => string;

function patchFormat(patches: Patches, prototype: Intl.DateTimeFormat): void {
  const nativeFormat = Object.getOwnPropertyDescriptor(prototype, "format")?.get as AnyFunction;
  const bound = new WeakMap<object, Format>();
  patches.get(prototype, "format", function () {
    const native = Reflect.apply(nativeFormat, this, []) as Format;
    const known = bound.get(native);
    if (known !== undefined) return known;
    const format: Format = imitate((date?: Date | number) => native(date === undefined ? ownerNow() : date), native);
    bound.set(native, format);
    return format;
  });
  const nativeParts = prototype.formatToParts;
  const formatToParts = function (this: Intl.DateTimeFormat, date?: Date | number) {
    return Reflect.apply(nativeParts, this, [date === undefined ? ownerNow() : date]);
  };
  patches.set(prototype, "formatToParts", imitate(formatToParts, nativeParts));
}

function ownerNow(): number | undefined {
  return currentOwner()?.clock.now();
}

interface Instant {
  toZonedDateTimeISO(zone: string): Record<string, () => unknown>;
}

interface TemporalLike {
  readonly Now: Record<string, AnyFunction>;
  readonly Instant: { fromEpochNanoseconds(count: bigint): Instant; readonly prototype: object };
}

/** What `Temporal.Now` tells in a zone, and how it comes from a time of that zone. */
const ZONED: Readonly<Record<string, string>> = {
  zonedDateTimeISO: "",
  plainDateTimeISO: "toPlainDateTime",
  plainDateISO: "toPlainDate",
  plainTimeISO: "toPlainTime",
};

/** Replaces `Temporal.Now`, where there is one. */
export function patchTemporal(patches: Patches): void {
  const { Temporal } = globalThis as unknown as { readonly Temporal?: TemporalLike };
  if (Temporal === undefined) return;
  const instantOf = (nowMs: number) => Temporal.Instant.fromEpochNanoseconds(BigInt(Math.floor(nowMs * 1000)) * 1000n);
  const replace = (name: string, inOwner: (nowMs: number, zone: string) => unknown) => {
    const native = Temporal.Now[name] as AnyFunction;
    const read = (...given: unknown[]) => {
      const owner = currentOwner();
      if (owner === undefined) return Reflect.apply(native, Temporal.Now, given);
      return inOwner(owner.clock.now(), (given[0] ?? "UTC") as string);
    };
    patches.set(Temporal.Now, name, imitate(read, native));
  };
  replace("timeZoneId", () => "UTC");
  replace("instant", instantOf);
  for (const [name, conversion] of Object.entries(ZONED)) {
    replace(name, (nowMs, zone) => {
      const zoned = instantOf(nowMs).toZonedDateTimeISO(zone);
      return conversion === "" ? zoned : zoned[conversion]?.();
    });
  }
  patchInstantText(patches, Temporal.Instant.prototype as Record<string, AnyFunction>);
}

function patchInstantText(patches: Patches, prototype: Record<string, AnyFunction>): void {
  const native = prototype["toLocaleString"] as AnyFunction;
  const inOwnZone = function (this: unknown, locales?: unknown, options?: unknown): unknown {
    return Reflect.apply(native, this, [locales, currentOwner() === undefined ? options : inUtc(options)]);
  };
  patches.set(prototype, "toLocaleString", imitate(inOwnZone, native));
}
