import { distanceKm, type Point } from "./geo.ts";
import { AIRPORTS_EXPANDED_MAX } from "./limits.ts";

/** A step of a path. */
export interface Step {
  readonly origin: string;
  readonly destination: string;
  /** Where the destination is. */
  readonly place: Point;
  readonly distanceKm: number;
  readonly flightsPerYear: number;
}

/** What a path is to join, and how. */
export interface FindPathOptions<S extends Step> {
  readonly origin: { readonly iata: string; readonly place: Point };
  readonly destination: { readonly iata: string; readonly place: Point };
  /** What one more step costs, in km: 0 finds the shortest way, a number longer than any way the one with the fewest steps. */
  readonly stepCostKm: number;
  readonly stepsMax: number;
  /** Whether a path may lead through an airport that is neither end. */
  readonly mayChangeAt: (iata: string) => boolean;
  /** Steps that leave an airport. Asked for only where the search comes by. */
  readonly stepsFrom: (iata: string) => Promise<readonly S[]>;
}

/** A cost longer than any way round the Earth: with it as `stepCostKm`, fewer steps always win. */
export const FEWEST_STEPS_KM = 100_000;

interface Candidate<S extends Step> {
  readonly at: string;
  readonly steps: readonly S[];
  readonly cost: number;
  /** Cost so far, and the least that the rest can cost. */
  readonly bound: number;
}

/**
 * Finds the cheapest path by A*: what is nearest to the great circle is looked at first, so that few airports are asked for their
 * connections. Gives nothing when no path is there, or none within `AIRPORTS_EXPANDED_MAX` airports.
 */
export async function findPath<S extends Step>(options: FindPathOptions<S>): Promise<readonly S[] | undefined> {
  const { origin, destination, stepsMax } = options;
  const open: Candidate<S>[] = [{ at: origin.iata, steps: [], cost: 0, bound: 0 }];
  /** Fewest steps by which an airport was reached; a later candidate that costs more must at least need fewer. */
  const reached = new Map<string, number>();
  for (let expanded = 0; expanded < AIRPORTS_EXPANDED_MAX; ) {
    const best = takeBest(open);
    if (best === undefined || best.at === destination.iata) return best?.steps;
    if (best.steps.length >= Math.min(stepsMax, reached.get(best.at) ?? stepsMax)) continue;
    reached.set(best.at, best.steps.length);
    expanded++;
    for (const step of await options.stepsFrom(best.at)) {
      const isEnd = step.destination === destination.iata;
      if (isEnd || options.mayChangeAt(step.destination)) open.push(follow(options, best, step));
    }
  }
  return undefined;
}

function follow<S extends Step>(options: FindPathOptions<S>, from: Candidate<S>, step: S): Candidate<S> {
  const { destination, stepCostKm } = options;
  const cost = from.cost + stepCostKm + step.distanceKm;
  const rest = step.destination === destination.iata ? 0 : stepCostKm + distanceKm(step.place, destination.place);
  return { at: step.destination, steps: [...from.steps, step], cost, bound: cost + rest };
}

function takeBest<S extends Step>(open: Candidate<S>[]): Candidate<S> | undefined {
  let best = 0;
  for (let index = 1; index < open.length; index++)
    if ((open[index]?.bound ?? 0) < (open[best]?.bound ?? 0)) best = index;
  const taken = open[best];
  const last = open.pop();
  if (last !== undefined && best < open.length) open[best] = last;
  return taken;
}
