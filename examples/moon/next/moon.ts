import { defineComponent, defineService, json, OrreryError } from "@orrery/core";

/** Tells of the moon on a day. */
export const Moon = defineService("example.moon", {
  phase: { request: json<{ day: string }>(), reply: json<{ name: string; lit: number; age: number; full: string }>() },
});

/** Days from one new moon to the next, on average. */
const MONTH = 29.530588853;
const DAY_MS = 86_400_000;
/** A new moon. */
const NEW_MS = Date.UTC(2000, 0, 6, 18, 14);
const NAMES =
  "New moon,Waxing crescent,First quarter,Waxing gibbous,Full moon,Waning gibbous,Last quarter,Waning crescent";

export default defineComponent(Moon, () => ({
  phase: ({ day }) => {
    const noonMs = Date.parse(`${day}T12:00:00Z`);
    if (Number.isNaN(noonMs))
      throw new OrreryError(
        "invalid_argument",
        `Cannot find the moon of "${day}": it is no day, write one such as 2026-11-24`,
      );
    const days = (noonMs - NEW_MS) / DAY_MS;
    const age = days - Math.floor(days / MONTH) * MONTH;
    const lit = (1 - Math.cos((2 * Math.PI * age) / MONTH)) / 2;
    const name = NAMES.split(",")[Math.round((age / MONTH) * 8) % 8] ?? "";
    const fullMs = noonMs + ((MONTH * 1.5 - age) % MONTH) * DAY_MS;
    const full = new Date(fullMs).toISOString().slice(0, 10);
    return { name, lit: Math.round(lit * 100), age: Math.round(age * 10) / 10, full };
  },
}));
