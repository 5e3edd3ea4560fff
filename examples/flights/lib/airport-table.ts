import { parseCsv } from "./csv.ts";
import { readData } from "./data.ts";
import { distanceKm, type Point } from "./geo.ts";

/** One airport of the data, in the shape of the contract's `Airport`. */
export interface AirportRow {
  readonly iata: string;
  readonly name: string;
  readonly city: string;
  readonly state: string;
  readonly country: string;
  readonly place: Point;
  readonly departuresPerYear: number;
}

/** Airports by code, in the order of their codes. */
export type AirportTable = ReadonlyMap<string, AirportRow>;

/** Reads every airport of the data, with its departures counted from the connections. About 3,400; takes some 20 ms. */
export function loadAirports(): AirportTable {
  const departures = new Map<string, number>();
  for (const { origin = "", count } of parseCsv(readData("flights-airport.csv")))
    departures.set(origin, (departures.get(origin) ?? 0) + Number(count));
  const rows = parseCsv(readData("airports.csv")).map((row): AirportRow => {
    const { iata = "", name = "", city = "", state = "", country = "" } = row;
    const place = { latitude: Number(row["latitude"]), longitude: Number(row["longitude"]) };
    return { iata, name, city, state, country, place, departuresPerYear: departures.get(iata) ?? 0 };
  });
  rows.sort((a, b) => (a.iata < b.iata ? -1 : 1));
  return new Map(rows.map((row) => [row.iata, row]));
}

/** Gives the airports nearest to a point, the nearest first. */
export function nearestAirports(
  airports: Iterable<AirportRow>,
  point: Point,
): { readonly airport: AirportRow; readonly distanceKm: number }[] {
  const near = [...airports].map((airport) => ({ airport, distanceKm: distanceKm(point, airport.place) }));
  return near.sort((a, b) => a.distanceKm - b.distanceKm);
}

/** Finds airports that match every word of a query, best first; a busier airport goes before one that fits as well. */
export function searchAirports(airports: Iterable<AirportRow>, query: string): AirportRow[] {
  const words = query
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== "");
  const found = [...airports].map((airport) => ({ airport, score: scoreOf(airport, words) }));
  return found
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.airport.iata < b.airport.iata ? -1 : 1))
    .map(({ airport }) => airport);
}

/** What a word earns by where it is found: the code beats the city, the city beats the name. */
const EARNED = { code: 1000, codePrefix: 40, city: 60, name: 20, state: 30, inside: 2 };

function scoreOf(airport: AirportRow, words: readonly string[]): number {
  const scores = words.map((word) => scoreOfWord(airport, word));
  if (scores.length === 0 || scores.includes(0)) return 0;
  return scores.reduce((sum, score) => sum + score, 0) + 5 * Math.log10(1 + airport.departuresPerYear);
}

function scoreOfWord(airport: AirportRow, word: string): number {
  const [code, city, name] = [airport.iata.toLowerCase(), airport.city.toLowerCase(), airport.name.toLowerCase()];
  if (code === word) return EARNED.code;
  if (airport.state.toLowerCase() === word) return EARNED.state;
  if (beginsWord(city, word)) return EARNED.city;
  if (code.startsWith(word)) return EARNED.codePrefix;
  if (beginsWord(name, word)) return EARNED.name;
  return city.includes(word) || name.includes(word) ? EARNED.inside : 0;
}

function beginsWord(text: string, word: string): boolean {
  return ` ${text}`.includes(` ${word}`);
}
