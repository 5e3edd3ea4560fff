import type { Clock, Random } from "@orrery/core";
import type { AirportRow, AirportTable } from "./airport-table.ts";
import { DAY_MINUTES, type FlightRow } from "./flight-table.ts";
import { distanceKm, headingDegrees, pointAlong } from "./geo.ts";
import { CLOSURES_MAX } from "./limits.ts";
import { durationOf, flightMinutes } from "./travel-time.ts";

/** Minutes of the flown day that pass in one second. */
const MINUTES_PER_SECOND = 1;
/** Where the day begins: 15:00 UTC, late morning in New York and early in Los Angeles. */
const FIRST_MINUTE = 15 * 60;
/** Share of the recorded flights that one day flies: some 500 aircraft are in the air at its height. */
const FLOWN_SHARE = 0.25;
/** No flight takes longer. */
const FLIGHT_MINUTES_MAX = 12 * 60;

/** A flight of the day, with its times in UTC. */
interface DayFlight {
  readonly flight: number;
  readonly origin: AirportRow;
  readonly destination: AirportRow;
  readonly takeOffMinute: number;
  readonly flightMinutes: number;
  readonly delayMinutes: number;
}

/** An airport that is closed, in minutes since the sky began. */
interface ClosedAirport {
  readonly iata: string;
  readonly reason: string;
  readonly fromMinute: number;
  readonly untilMinute: number;
}

/** One aircraft in the air, in the shape of the contract's `Aircraft`. */
export interface AircraftRow {
  readonly flight: number;
  readonly origin: string;
  readonly destination: string;
  readonly place: { readonly latitude: number; readonly longitude: number };
  readonly headingDegrees: number;
  readonly progress: number;
  readonly delayMinutes: number;
}

/** The flown day: where everything is follows from the clock alone, so that any number of readers see the same. */
export interface Sky {
  /** Minute of the day now, UTC. */
  minuteOfDay(): number;
  /** Everything in the air now, by flight. */
  aircraft(): AircraftRow[];
  /** Airports that are closed now, in the order of their closing. */
  closures(): { iata: string; reason: string; lasts: { seconds: bigint; nanos: number } }[];
  /** Lets nothing take off from an airport or for it. Gives false, and does nothing, when `CLOSURES_MAX` are closed. */
  close(iata: string, options: { readonly reason: string; readonly lastsMs: number }): boolean;
}

/** Options of a sky. */
export interface SkyOptions {
  readonly clock: Clock;
  /** Draws which of the recorded flights are flown. */
  readonly random: Random;
  readonly airports: AirportTable;
  readonly flights: readonly FlightRow[];
}

/** Makes a sky whose day begins now. */
export function createSky(options: SkyOptions): Sky {
  const { clock } = options;
  const day = drawDay(options);
  const begin = clock.monotonic();
  const minutesNow = () => ((clock.monotonic() - begin) / 1000) * MINUTES_PER_SECOND;
  let closed: ClosedAirport[] = [];
  return {
    minuteOfDay: () => Math.floor(FIRST_MINUTE + minutesNow()) % DAY_MINUTES,
    aircraft() {
      const now = minutesNow();
      return day.flatMap((flight) => {
        const flown = (FIRST_MINUTE + now - flight.takeOffMinute + 2 * DAY_MINUTES) % DAY_MINUTES;
        const inAir = flown < flight.flightMinutes && !isHeld(closed, flight, now - flown);
        return inAir ? [aircraftOf(flight, flown / flight.flightMinutes)] : [];
      });
    },
    closures() {
      const now = minutesNow();
      // An airport that was closed twice stays closed for as long as the later order says.
      const last = new Map(closed.filter(({ untilMinute }) => untilMinute > now).map((each) => [each.iata, each]));
      return [...last.values()].map(({ iata, reason, untilMinute }) => {
        return { iata, reason, lasts: durationOf((untilMinute - now) / MINUTES_PER_SECOND / 60) };
      });
    },
    close(iata, { reason, lastsMs }) {
      const now = minutesNow();
      // A closure is remembered for as long as a flight it held would be in the air.
      closed = closed.filter(({ untilMinute }) => untilMinute + FLIGHT_MINUTES_MAX > now);
      if (closed.length >= CLOSURES_MAX) return false;
      closed.push({ iata, reason, fromMinute: now, untilMinute: now + (lastsMs / 1000) * MINUTES_PER_SECOND });
      return true;
    },
  };
}

function drawDay({ random, airports, flights }: SkyOptions): DayFlight[] {
  return flights.flatMap((row, flight) => {
    const [origin, destination] = [airports.get(row.origin), airports.get(row.destination)];
    if (random.next() >= FLOWN_SHARE || origin === undefined || destination === undefined) return [];
    // The records give local time and no zone: fifteen degrees of longitude are an hour.
    const localToUtc = -Math.round(origin.place.longitude / 15) * 60;
    return {
      flight,
      origin,
      destination,
      takeOffMinute: (row.minuteOfDay + localToUtc + DAY_MINUTES) % DAY_MINUTES,
      flightMinutes: flightMinutes(distanceKm(origin.place, destination.place)),
      delayMinutes: row.delayMinutes,
    };
  });
}

function isHeld(closed: readonly ClosedAirport[], flight: DayFlight, takeOffMinute: number): boolean {
  return closed.some(
    ({ iata, fromMinute, untilMinute }) =>
      (iata === flight.origin.iata || iata === flight.destination.iata) &&
      takeOffMinute >= fromMinute &&
      takeOffMinute < untilMinute,
  );
}

function aircraftOf(flight: DayFlight, progress: number): AircraftRow {
  const [from, to] = [flight.origin.place, flight.destination.place];
  const place = pointAlong(from, to, progress);
  return {
    flight: flight.flight,
    origin: flight.origin.iata,
    destination: flight.destination.iata,
    place,
    headingDegrees: headingDegrees(place, to),
    progress,
    delayMinutes: flight.delayMinutes,
  };
}
