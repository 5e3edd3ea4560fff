import type { FlightRow } from "./flight-table.ts";

/** How punctual departures are, in the shape of the contract's `Punctuality`. */
export interface PunctualityRow {
  readonly departures: number;
  readonly onTime: number;
  readonly delayMinutesMedian: number;
  readonly delayMinutesP90: number;
}

/** Delay from which a flight counts as late, as the Bureau of Transportation Statistics counts. */
const LATE_MINUTES = 15;

/** Sums flights up; gives nothing for no flights. */
export function punctualityOf(flights: readonly FlightRow[]): PunctualityRow | undefined {
  if (flights.length === 0) return undefined;
  const delays = flights.map(({ delayMinutes }) => delayMinutes).sort((a, b) => a - b);
  const at = (share: number) => delays[Math.floor(share * (delays.length - 1))] ?? 0;
  const onTime = delays.filter((delay) => delay < LATE_MINUTES).length / delays.length;
  return { departures: delays.length, onTime, delayMinutesMedian: at(0.5), delayMinutesP90: at(0.9) };
}
