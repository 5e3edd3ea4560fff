import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { runAs } from "./owner.ts";
import { type Capture, installCapture } from "./system-capture.ts";
import { parseInUtc } from "./system-local-time.ts";
import { createSmallWorld } from "./testing/small-world.ts";

const NativeDate = Date;
const { TZ } = process.env;
let capture: Capture;
before(() => {
  process.env["TZ"] = "America/New_York";
  capture = installCapture();
});
after(() => {
  capture.uninstall();
  if (TZ === undefined) delete process.env["TZ"];
  else process.env["TZ"] = TZ;
});

const asOwner = <T>(run: () => T): T => runAs(createSmallWorld().owner("back"), run);

test("Date of a capture is Date in all else", () => {
  const look = () => {
    const date = new Date(5);
    class Day extends Date {
      readonly own = 1;
    }
    const day = new Day(7);
    const text = Reflect.construct(Date, [9], Map) as object;
    return [
      [date instanceof Date, date instanceof NativeDate, new NativeDate(5) instanceof Date, date.getTime()],
      [day instanceof Day, day instanceof Date, day.getTime(), day.own, Object.getPrototypeOf(text) === Map.prototype],
      [Date.name, Date.length, Date.prototype === NativeDate.prototype, date.constructor === Date, typeof Date()],
      [
        Date.UTC(2026, 1),
        Date.parse("2026-01-01T00:00Z"),
        new Date("2026-01-01").getTime(),
        new Date(Number.NaN).getTime(),
      ],
      [new Date(date).getTime(), new Date(null as never).getTime(), new Date(true as never).getTime()],
      [new Date(Object("2026-01-01") as never).getTime(), new Date({ valueOf: () => 3 } as never).getTime()],
      [structuredClone(date) instanceof Date, JSON.stringify(date), Object.prototype.toString.call(date)],
      [typeof Date.now(), Object.keys(Date), String(new Date(Number.NaN)), Number.isNaN(new Date("x").getTime())],
    ];
  };
  capture.uninstall();
  const native = look();
  capture = installCapture();
  assert.deepEqual(look(), native);
  assert.deepEqual(asOwner(look), native);
});

test("Date of an owner stands in UTC, that of other code where the machine stands", () => {
  const look = () => {
    const date = new Date(2026, 6, 1, 12, 30, 15, 250);
    date.setHours(13);
    const [day, time] = [date.toDateString(), date.toTimeString()];
    return {
      iso: date.toISOString(),
      parts: [date.getFullYear(), date.getMonth(), date.getDate(), date.getDay(), date.getHours(), date.getMinutes()],
      offset: date.getTimezoneOffset(),
      texts: [
        String(date),
        day,
        time,
        date.toLocaleString("en-US"),
        date.toLocaleTimeString("en-US", { hour: "2-digit" }),
      ],
      zone: [new Intl.DateTimeFormat().resolvedOptions().timeZone, Temporal.Now.timeZoneId()],
      instant: Temporal.Instant.from("2026-07-01T12:00Z").toLocaleString("en-US"),
      parsed: [Date.parse("2026-07-01T12:00"), new Date("2026-07-01T12:00").getTime()].map((time) => time % 86_400_000),
    };
  };
  const ambient = look();
  assert.equal(ambient.iso, "2026-07-01T17:30:15.250Z");
  assert.equal(ambient.offset, 240);
  assert.deepEqual(ambient.zone, ["America/New_York", "America/New_York"]);
  const owned = asOwner(look);
  process.env["TZ"] = "UTC";
  const utc = look();
  process.env["TZ"] = "America/New_York";
  assert.deepEqual(owned, utc);
});

const SAME_DAY: readonly string[] = [
  "2026-07-01T12:00",
  "2026-07-01T12:00:00.000",
  "2026-07-01 12:00",
  "July 1, 2026 12:00",
];
const ZONED: readonly string[] = [
  "2026-07-01",
  "2026-07",
  "2026",
  "2026-07-01T12:00Z",
  "2026-07-01T12:00+02:00",
  "Wed, 01 Jul 2026 12:00:00 GMT",
  "Wed Jul 01 2026 12:00:00 GMT+0200 (Central European Summer Time)",
  "Jul 1 2026 12:00 EST",
  "July 1, 2026 12:00 -0700",
  "nonsense",
];

for (const text of SAME_DAY) {
  test(`parseInUtc takes ${JSON.stringify(text)} for UTC`, () => {
    assert.equal(parseInUtc(text, NativeDate.parse), NativeDate.UTC(2026, 6, 1, 12));
  });
}

for (const text of ZONED) {
  test(`parseInUtc leaves ${JSON.stringify(text)} as it is`, () => {
    assert.equal(parseInUtc(text, NativeDate.parse), NativeDate.parse(text));
  });
}
