import type { AirportTable } from "./airport-table.ts";
import { parseCsv } from "./csv.ts";
import { readData } from "./data.ts";
import { distanceKm, type Point } from "./geo.ts";

/** One connection of the data, in the shape of the contract's `Connection`. */
export interface ConnectionRow {
  readonly origin: string;
  readonly destination: string;
  /** Where the destination is. */
  readonly place: Point;
  readonly distanceKm: number;
  readonly flightsPerYear: number;
}

/** Connections by origin, the most flown first. */
export type RouteTable = ReadonlyMap<string, readonly ConnectionRow[]>;

/** Reads every connection of the data, with its distance taken from where the airports are. About 5,400. */
export function loadRoutes(airports: AirportTable): RouteTable {
  const routes = new Map<string, ConnectionRow[]>();
  for (const { origin = "", destination = "", count } of parseCsv(readData("flights-airport.csv"))) {
    const [from, to] = [airports.get(origin)?.place, airports.get(destination)?.place];
    if (from === undefined || to === undefined) continue;
    const row = { origin, destination, place: to, distanceKm: distanceKm(from, to), flightsPerYear: Number(count) };
    routes.set(origin, [...(routes.get(origin) ?? []), row]);
  }
  for (const rows of routes.values()) rows.sort(byFlights);
  return routes;
}

/** Orders connections, the most flown first. */
export function byFlights(a: ConnectionRow, b: ConnectionRow): number {
  return b.flightsPerYear - a.flightsPerYear || (a.destination < b.destination ? -1 : 1);
}
