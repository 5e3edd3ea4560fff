import type { Random } from "@orrery/core";
import type { Draws } from "./draws.ts";

/** Where chance decides something again and again, such as the latency of one link. */
export interface ChoiceSite {
  /**
   * Decides once more: a whole number from 0. `usual` draws it from the seed; a tape that names this choice has the last word; a calm world
   * takes `least`.
   */
  next(usual: (random: Random) => number, least?: number): number;
}

/** Decisions of chance, by what they are about, as `latency a>b 17`: a whole number from 0. */
export type Picks = Readonly<Record<string, number>>;

/** Options of the choices of a world. */
export interface ChoicesOptions {
  readonly draws: Draws;
  /** Decisions that are given. Default: none. */
  readonly picks?: Picks;
  /** Whether what is not given takes its least value, rather than one drawn from the seed. */
  readonly calm?: boolean;
  /** Whether decisions are noted. */
  readonly notes?: boolean;
}

/** All that chance decides in a world, apart from what its nodes draw for themselves. */
export interface Choices {
  /** The place of decisions about one thing; two with one name share a count. */
  site(purpose: string, scope: string): ChoiceSite;
  /** Decides once for the whole run. */
  once(purpose: string, scope: string, usual: (random: Random) => number): number;
  /** Decisions that were made and were not the least ones, where they are noted. */
  readonly noted: Picks;
}

/** Draws, and nothing else. A class, because a world of many links has a million of them. */
class PlainSite implements ChoiceSite {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  next(usual: (random: Random) => number): number {
    return usual(this.#random);
  }
}

/** Makes the choices of a world. Each is known by a name and a count, so that one more, or one less, changes no other. */
export function createChoices({ draws, picks, calm = false, notes = false }: ChoicesOptions): Choices {
  const sites = new Map<string, ChoiceSite>();
  const noted: Record<string, number> = {};
  const makeSite = (purpose: string, scope: string): ChoiceSite => {
    const name = `${purpose} ${scope} `;
    const random = draws.stream(purpose, scope);
    if (picks === undefined && !calm && !notes) return new PlainSite(random);
    let count = 0;
    return {
      next(usual, least = 0) {
        const drawn = usual(random); // Drawn also where it does not count: what comes after must not depend on that.
        const key = name + ++count;
        const value = picks?.[key] ?? (calm ? least : drawn);
        if (notes && value !== least) noted[key] = value;
        return value;
      },
    };
  };
  const decided = new Map<string, number>();
  const siteOf = (purpose: string, scope: string): ChoiceSite => {
    const name = `${purpose} ${scope}`;
    const site = sites.get(name) ?? makeSite(purpose, scope);
    sites.set(name, site);
    return site;
  };
  return {
    noted,
    site: siteOf,
    once(purpose, scope, usual) {
      const name = `${purpose} ${scope}`;
      const value = decided.get(name) ?? siteOf(purpose, scope).next(usual);
      decided.set(name, value);
      return value;
    },
  };
}
