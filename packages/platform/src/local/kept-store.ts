import { OrreryError } from "@orrery/core";
import { createMemoryStore, type MemoryState, type MemoryStore } from "@orrery/registry";
import type { StateFiles } from "../stateful/state-files.ts";
import { KEPT_CHANGES_MAX } from "./limits.ts";

/** Files that a store is kept in. */
export type StoreFiles = Omit<StateFiles, "close">;

/** What a store took at once. */
type Batch = Parameters<MemoryStore["commit"]>[0];

/**
 * Each line is JSON: the first is what the store was when the file began, each further one what it took then. With each opening a file begins that
 * has all, and the ones before it go.
 */
const FILE = /^resources-(\d{1,15})$/;

/**
 * Opens a store in memory that outlives its process: what it took is in a file before it counts. I1: a file counts when its first line is whole.
 * I2: a last line that is not whole was never acknowledged, and the next file is without it.
 */
export async function openKeptStore(files: StoreFiles): Promise<MemoryStore> {
  const numbers = (await files.list()).flatMap((name) => Number(FILE.exec(name)?.[1] ?? Number.NaN));
  const found = numbers.filter((number) => !Number.isNaN(number)).sort((one, other) => other - one);
  let begun: Begun = { batches: [] };
  for (const number of found) {
    const read = readLines(await files.read(nameOf(number)));
    if (read === undefined) continue; // I1
    begun = read;
    break;
  }
  const name = nameOf((found[0] ?? 0) + 1);
  let isWhole = true;
  const store = createMemoryStore({
    ...begun,
    onCommit: async (batch) => {
      if (!isWhole)
        throw new OrreryError(
          "unavailable",
          "Cannot keep resources: an earlier write to their file failed, start again",
        );
      isWhole = false; // What follows half a line could not be read.
      await files.append(name, lineOf(batch));
      await files.sync(name);
      isWhole = true;
    },
  });
  await files.append(name, lineOf(shortened(store.state())));
  await files.sync(name);
  for (const number of found) await files.remove(nameOf(number));
  return store;
}

interface Begun {
  readonly state?: MemoryState;
  readonly batches: readonly Batch[];
}

function nameOf(number: number): string {
  return `resources-${number}`;
}

function lineOf(value: MemoryState | Batch): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}

function readLines(bytes: Uint8Array | undefined): Begun | undefined {
  const lines = new TextDecoder().decode(bytes ?? new Uint8Array()).split("\n");
  lines.pop(); // What comes after the last end of a line. I2
  const [first, ...others] = lines.map((line) => JSON.parse(line) as unknown);
  return first === undefined ? undefined : { state: first as MemoryState, batches: others as Batch[] };
}

/** Forgets changes that are so old that whoever watches looks at all anew. */
function shortened(state: MemoryState): MemoryState {
  const changes = state.changes.slice(-KEPT_CHANGES_MAX);
  const compacted = changes.length < state.changes.length ? (changes[0]?.revision ?? 1) - 1 : state.compacted;
  return { ...state, changes, compacted };
}
