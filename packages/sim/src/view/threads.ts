/** A row of slices in a process. */
export interface Thread {
  readonly pid: number;
  /** From 1; 0 is the process itself. */
  readonly tid: number;
  readonly name: string;
}

/** The rows on which slices stand. I1: two slices of one row are apart, or one is within the other. */
export interface Threads {
  /** Finds a row of that name with room for a slice, or makes one; gives its number. Slices come in the order of their beginnings. */
  place(pid: number, name: string, fromTick: number, toTick: number): number;
  /** The first row of that name; 0 where there is none. */
  find(pid: number, name: string): number;
  all(): readonly Thread[];
}

interface Row extends Thread {
  /** Ends of slices that may still be open, the innermost last. */
  readonly ends: number[];
}

/** Makes no rows yet. */
export function createThreads(): Threads {
  const rows = new Map<string, Row[]>();
  const counts = new Map<number, number>();
  const rowsOf = (pid: number, name: string): Row[] => {
    const key = `${pid} ${name}`;
    const found = rows.get(key) ?? [];
    rows.set(key, found);
    return found;
  };
  return {
    place(pid, name, fromTick, toTick) {
      const named = rowsOf(pid, name);
      let row = named.find(({ ends }) => hasRoom(ends, fromTick, toTick));
      if (row === undefined) {
        const tid = (counts.get(pid) ?? 0) + 1;
        counts.set(pid, tid);
        row = { pid, tid, name: named.length === 0 ? name : `${name} (${named.length + 1})`, ends: [] };
        named.push(row);
      }
      row.ends.push(toTick); // I1
      return row.tid;
    },
    find: (pid, name) => rows.get(`${pid} ${name}`)?.[0]?.tid ?? 0,
    all: () => [...rows.values()].flat(),
  };
}

function hasRoom(ends: number[], fromTick: number, toTick: number): boolean {
  while ((ends.at(-1) ?? Number.POSITIVE_INFINITY) <= fromTick) ends.pop();
  return toTick <= (ends.at(-1) ?? Number.POSITIVE_INFINITY);
}
