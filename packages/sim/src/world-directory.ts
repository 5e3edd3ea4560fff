import type { Directory } from "@orrery/core";

/** Where each component of the world runs, also while its node is down. */
export class WorldDirectory implements Directory {
  readonly #addresses = new Map<string, readonly string[]>();

  resolve(component: string): readonly string[] {
    return this.#addresses.get(component) ?? NOWHERE;
  }

  components(): readonly string[] {
    return [...this.#addresses.keys()].sort();
  }

  add(address: string, services: readonly string[]): void {
    for (const name of services) this.#addresses.set(name, [...this.resolve(name), address]);
  }
}

const NOWHERE: readonly string[] = Object.freeze([]);
