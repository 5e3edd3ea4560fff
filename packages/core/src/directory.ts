/** Tells where components are. The node reads it at each call, so it must answer at once, from memory. */
export interface Directory {
  /** Addresses of nodes that serve a component, in a fixed order; empty when none is known. The same array until they change. */
  resolve(component: string): readonly string[];
  /** Every component it knows of. */
  components(): readonly string[];
}

/** Directory of a table that does not change: component name to addresses. */
export function createTableDirectory(table: Readonly<Record<string, readonly string[]>>): Directory {
  const places = new Map(Object.entries(table));
  return {
    resolve: (component) => places.get(component) ?? NOWHERE,
    components: () => [...places.keys()],
  };
}

const NOWHERE: readonly string[] = Object.freeze([]);
