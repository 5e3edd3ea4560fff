import { currentOwner } from "./owner.ts";
import { type AnyFunction, imitate, type Patches } from "./patches.ts";

/** What `Date` reads and writes in the time zone of the machine, and also in UTC under another name. */
const FIELDS = ["FullYear", "Month", "Date", "Day", "Hours", "Minutes", "Seconds", "Milliseconds"];

/** Lets what reads or writes the machine's time zone mean UTC in code of an owner. */
export function patchLocalTime(patches: Patches, prototype: Date): void {
  const methods = prototype as unknown as Record<string, AnyFunction>;
  const inOwner = (name: string, pinned: (this: Date, ...values: unknown[]) => unknown) => {
    const native = methods[name];
    if (native === undefined) return;
    const method = function (this: Date, ...values: unknown[]): unknown {
      return Reflect.apply(currentOwner() === undefined ? native : pinned, this, values);
    };
    patches.set(prototype, name, imitate(method, native));
  };
  for (const field of FIELDS) {
    for (const verb of ["get", "set"]) {
      const utc = methods[`${verb}UTC${field}`];
      if (utc === undefined) continue;
      inOwner(verb + field, function (...values) {
        return Reflect.apply(utc, this, values);
      });
    }
  }
  inOwner("getTimezoneOffset", function () {
    return Number.isNaN(this.getTime()) ? Number.NaN : 0;
  });
  inOwner("toDateString", dayText);
  inOwner("toTimeString", timeText);
  inOwner("toString", function () {
    return Number.isNaN(this.getTime()) ? INVALID : `${dayText.call(this)} ${timeText.call(this)}`;
  });
  for (const name of ["toLocaleString", "toLocaleDateString", "toLocaleTimeString"]) {
    const native = methods[name] as AnyFunction;
    inOwner(name, function (locales, options) {
      return Reflect.apply(native, this, [locales, inUtc(options)]);
    });
  }
}

const INVALID = "Invalid Date";

/** `Thu Jan 01 2026`, of `Thu, 01 Jan 2026 00:00:00 GMT`. */
function dayText(this: Date): string {
  if (Number.isNaN(this.getTime())) return INVALID;
  const [weekday = "", day, month, year] = this.toUTCString().split(" ");
  return `${weekday.slice(0, -1)} ${month} ${day} ${year}`;
}

function timeText(this: Date): string {
  if (Number.isNaN(this.getTime())) return INVALID;
  return `${this.toUTCString().split(" ")[4]} GMT+0000 (Coordinated Universal Time)`;
}

/** Options of a format, with UTC where they name no time zone. */
export function inUtc(options: unknown): Intl.DateTimeFormatOptions {
  const given = (options ?? {}) as Intl.DateTimeFormatOptions;
  return given.timeZone === undefined ? { ...given, timeZone: "UTC" } : given;
}

const DAY_ONLY = /^[+-]?\d{4,6}(?:-\d\d(?:-\d\d)?)?$/;
const ISO_WITHOUT_ZONE = /^[+-]?\d{4,6}(?:-\d\d){0,2}T\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?$/;
const ENDS_IN_ZONE =
  /(?:Z|\b(?:UT|UTC|GMT|[ECMP][SD]T)(?:[+-]\d+)?|(?<=\d:\d\d.*)[+-]\d{1,2}:?\d{0,2})\s*(?:\(.*\))?\s*$/i;

/** Reads a date as if the machine stood in UTC: text that names a zone means what it says. */
export function parseInUtc(text: string, parse: (text: string) => number): number {
  if (DAY_ONLY.test(text) || ENDS_IN_ZONE.test(text)) return parse(text);
  const zoned = parse(ISO_WITHOUT_ZONE.test(text) ? `${text}Z` : `${text} UTC`);
  return Number.isNaN(zoned) ? parse(text) : zoned;
}
