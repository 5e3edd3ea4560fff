import { isNewer } from "../discovery/entry.ts";

/** A host, as another knows it. */
export interface KnownHost {
  readonly name: string;
  /** Which life of it is meant; a later one is larger. */
  readonly incarnation: number;
  /** `dead` is given up by all, `left` ended in order. */
  readonly status: "alive" | "suspect" | "dead" | "left";
}

/**
 * What hosts tell of one another. Owns: one standing for each name. I1: of one name the newest life counts, and that it left over that it died.
 */
export class HeardHosts {
  readonly #newest = new Map<string, KnownHost>();

  hear(told: readonly KnownHost[]): void {
    for (const host of told) {
      const known = this.#newest.get(host.name);
      if (known === undefined || isNewer(standing(host), standing(known))) this.#newest.set(host.name, host); // I1
    }
  }

  /** Names of those that should be there: they did not leave. */
  expected(): readonly string[] {
    return [...this.#newest.keys()].filter((name) => !this.hasLeft(name)).sort();
  }

  hasLeft(name: string): boolean {
    return this.#newest.get(name)?.status === "left";
  }
}

function standing({ incarnation, status }: KnownHost) {
  return { incarnation, version: 0, status };
}
