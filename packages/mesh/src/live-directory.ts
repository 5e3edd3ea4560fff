import type { Directory } from "@orrery/core";

/** Component name to the addresses of the nodes that serve it. */
export type DirectoryTable = Readonly<Record<string, readonly string[]>>;

/** A directory whose content changes while nodes use it. */
export interface LiveDirectory extends Directory {
  /** Puts a table in the place of all that was known; a component whose addresses stay the same keeps its connections. */
  replace(table: DirectoryTable): void;
  /** What it says now. */
  table(): DirectoryTable;
}

const NOWHERE: readonly string[] = Object.freeze([]);

/** Makes a directory that is told its content again and again; empty at first, or with the table given. */
export function createLiveDirectory(first: DirectoryTable = {}): LiveDirectory {
  const places = new Map<string, readonly string[]>();
  const directory: LiveDirectory = {
    resolve: (component) => places.get(component) ?? NOWHERE,
    components: () => [...places.keys()],
    table: () => Object.fromEntries(places),
    replace(table) {
      for (const component of places.keys()) if (!Object.hasOwn(table, component)) places.delete(component);
      for (const [component, addresses] of Object.entries(table)) {
        const known = places.get(component);
        // A node keeps its connections for as long as it is given the same array.
        if (known === undefined || !isSame(known, addresses)) places.set(component, Object.freeze([...addresses]));
      }
    },
  };
  directory.replace(first);
  return directory;
}

/** The table of a directory. */
export function tableOf(directory: Directory): DirectoryTable {
  return Object.fromEntries(directory.components().map((component) => [component, directory.resolve(component)]));
}

function isSame(known: readonly string[], addresses: readonly string[]): boolean {
  return known.length === addresses.length && known.every((address, index) => address === addresses[index]);
}
