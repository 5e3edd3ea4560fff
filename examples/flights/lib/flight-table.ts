import { readData } from "./data.ts";

/** One recorded flight. */
export interface FlightRow {
  readonly origin: string;
  readonly destination: string;
  /** Of its take-off, local time, from 0 to 1,439. */
  readonly minuteOfDay: number;
  /** Negative when early. */
  readonly delayMinutes: number;
}

/** Minutes of a day. */
export const DAY_MINUTES = 1440;

/** Reads 20,000 flights, recorded from January to March 2001. */
export function loadFlights(): FlightRow[] {
  const records = JSON.parse(readData("flights-20k.json")) as readonly {
    /** Such as "2001/01/01 06:55". */
    date: string;
    delay: number;
    origin: string;
    destination: string;
  }[];
  return records.map(({ date, delay, origin, destination }) => {
    const minuteOfDay = Number(date.slice(11, 13)) * 60 + Number(date.slice(14, 16));
    return { origin, destination, minuteOfDay, delayMinutes: delay };
  });
}
