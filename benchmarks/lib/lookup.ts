import type { Measurement, Sample } from "./results.ts";
import type { Entry } from "./roster.ts";
import { median } from "./statistics.ts";

/** Numbers that can be asked of a contestant in a cell. */
type Figure = Exclude<keyof Sample, "foreign">;

/** A contestant and its number. */
export interface Found {
  readonly entry: Entry;
  readonly value: number;
}

/** Answers questions about the measurements of one section. */
export interface Lookup {
  readonly entries: readonly Entry[];
  /** Names of the cells that were measured, in order. */
  readonly cells: readonly string[];
  /** Median of a number over the rounds; undefined where it was not measured, or failed. */
  get(figure: Figure, contestant: string, cell: string): number | undefined;
  /** Why a contestant was given up in a cell. */
  failure(contestant: string, cell: string): string | undefined;
  /** The peer with the highest rate in a cell. */
  fastestPeer(cell: string): Found | undefined;
  /** The peer with the shortest median call in a cell. */
  quickestPeer(cell: string): Found | undefined;
}

/** Makes the lookup of a section. */
export function createLookup(measurements: readonly Measurement[], roster: readonly Entry[]): Lookup {
  const keyOf = (contestant: string, cell: string) => `${contestant} ${cell}`;
  const byKey = new Map(measurements.map((found) => [keyOf(found.contestant, found.cell), found]));
  const get = (figure: Figure, contestant: string, cell: string) => {
    const found = byKey.get(keyOf(contestant, cell));
    if (found === undefined || found.failure !== undefined || found.samples.length === 0) return undefined;
    const value = median(found.samples.map((sample) => sample[figure]));
    return value > 0 || figure === "rate" ? value : undefined; // A rate of 0: no call ended while the window was open.
  };
  const peers = (figure: Figure, cell: string): Found[] =>
    roster
      .filter((entry) => entry.role === "peer")
      .map((entry) => ({ entry, value: get(figure, entry.name, cell) ?? Number.NaN }))
      .filter(({ value }) => value > 0)
      .toSorted((left, right) => left.value - right.value);
  return {
    entries: roster.filter(({ name }) => measurements.some(({ contestant }) => contestant === name)),
    cells: [...new Set(measurements.map(({ cell }) => cell))],
    get,
    failure: (contestant, cell) => byKey.get(keyOf(contestant, cell))?.failure,
    fastestPeer: (cell) => peers("rate", cell).at(-1),
    quickestPeer: (cell) => peers("p50Micros", cell)[0],
  };
}
