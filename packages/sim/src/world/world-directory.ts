import type { Directory } from "@orrery/core";

/** Where each component of the world runs, also while its node is down. */
export class WorldDirectory implements Directory {
  readonly #entries = new Map<string, Entry>();

  resolve(component: string): readonly string[] {
    const entry = this.#entries.get(component);
    if (entry === undefined) return NOWHERE;
    entry.shown ??= Object.freeze([...entry.addresses]);
    return entry.shown;
  }

  components(): readonly string[] {
    return [...this.#entries.keys()].sort();
  }

  add(address: string, services: readonly string[]): void {
    for (const name of services) {
      const entry = this.#entries.get(name);
      if (entry === undefined) this.#entries.set(name, { addresses: [address], shown: undefined });
      else {
        entry.addresses.push(address);
        entry.shown = undefined;
      }
    }
  }
}

interface Entry {
  readonly addresses: string[];
  /** The addresses as they were last asked for; undefined when there are more since. */
  shown: readonly string[] | undefined;
}

const NOWHERE: readonly string[] = Object.freeze([]);
