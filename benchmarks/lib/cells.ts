import type { Work } from "./contestant.ts";

/** One cell of a table: what is carried, and how many calls are in flight. */
export interface Cell {
  /** As it is written after `--cells`: `64B/1024`. */
  readonly name: string;
  readonly work: Work;
  readonly inFlight: number;
}

const SIZES = [
  ["64B", 64],
  ["1KiB", 1024],
  ["64KiB", 64 * 1024],
] as const;

/** Cells between two processes. */
export const NETWORK_CELLS: readonly Cell[] = [
  ...SIZES.flatMap(([size, bytes]) => cellsOf(size, { kind: "bytes", bytes }, [1, 64, 1024])),
  ...cellsOf("order", { kind: "order" }, [1, 64, 1024]),
];

/** Cells within one process. */
export const PROCESS_CELLS: readonly Cell[] = [
  ...cellsOf("reading", { kind: "reading" }, [1, 64]),
  ...cellsOf("order", { kind: "order" }, [1, 64]),
];

function cellsOf(name: string, work: Work, inFlight: readonly number[]): Cell[] {
  return inFlight.map((count) => ({ name: `${name}/${count}`, work, inFlight: count }));
}
