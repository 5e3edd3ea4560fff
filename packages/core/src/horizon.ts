import type { Envelope, Horizon, HorizonScope } from "./envelope.ts";
import { OrreryError } from "./orrery-error.ts";
import type { Port } from "./port.ts";

/** What of a horizon a place may lie beyond; `budget` is the time that the message has left. */
export type HorizonCheck = "scope" | "hops" | "distance" | "budget";

/** How far away something is, one way, in ms. */
export interface Distance {
  readonly ms: number;
  /** It may be wrong by so much. */
  readonly errorMs: number;
}

/** What a node knows of how far away others are. It is asked on the path of calls, so it answers from memory. */
export interface Distances {
  /** Whether a place must be near for certain: its distance and its error count together. */
  readonly strict: boolean;
  /** How far it is through a port; undefined where nobody has measured it. */
  through(port: Port): Distance | undefined;
}

/** What a horizon is asked for. */
export interface HorizonSubject {
  readonly component: string;
  readonly method: string;
  /** Name of the message's flow, or empty. */
  readonly flow: string;
}

/** The horizons that components, flows, nodes and networks set beside what messages and methods ask for. */
export interface HorizonRules {
  /** Changes whenever an answer may. */
  readonly version: number;
  /** Whether any answer looks at the flow. */
  readonly byFlow: boolean;
  /** The horizon that a message has, given what it and its method ask for; undefined for none. */
  resolve(asked: Partial<Horizon> | undefined, subject: HorizonSubject): Horizon | undefined;
}

const REACHES: Readonly<Record<HorizonScope, number>> = { process: 0, host: 1, network: 2, any: 3 };

/** Refuses a horizon that cannot be; `action` begins the error's text. @throws OrreryError `invalid_argument`. */
export function assertHorizonValues(action: string, { scope, beyond, distanceMs, hops }: Partial<Horizon>): void {
  const refused = (why: string) => new OrreryError("invalid_argument", `${action}: ${why}`);
  if (scope !== undefined && !Object.hasOwn(REACHES, scope))
    throw refused(`its scope is "${scope}", write process, host, network or any`);
  if (beyond !== undefined && !BEYONDS.includes(beyond))
    throw refused(`beyond it is "${beyond}", write bounce, drop or local`);
  if (distanceMs !== undefined && !(distanceMs >= 0 && Number.isFinite(distanceMs)))
    throw refused(`its distance is ${distanceMs} ms, write a number from 0, which is no limit`);
  if (hops !== undefined && !(Number.isInteger(hops) && hops >= 0 && hops <= HOPS_MAX))
    throw refused(`its hops are ${hops}, write a whole number from 0, which is no limit, to ${HOPS_MAX}`);
}

const BEYONDS: readonly string[] = ["bounce", "drop", "local"] satisfies Horizon["beyond"][];
/** What a receiver reads into 32 bits. */
const HOPS_MAX = 0xffff_ffff;

/** How far a scope reaches, for comparing: a scope with a smaller number lies within one with a larger. */
export function reachOf(scope: HorizonScope): number {
  return REACHES[scope];
}

/** The scope that a message needs to go through a port. */
export function scopeThrough({ link, gateways }: Port): HorizonScope {
  if (gateways !== undefined && gateways > 0) return "any";
  if (link === undefined) return "process";
  return link.sameHost ? "host" : "network";
}

/**
 * Which part of its horizon keeps a message from a port; undefined when it may go. A place that nobody has measured is not too far: a
 * distance is a reason only once it is known. Allocates nothing.
 */
export function horizonCheck(
  horizon: Horizon | undefined,
  port: Port,
  distances?: Distances,
  envelope?: Envelope,
): HorizonCheck | undefined {
  if (horizon !== undefined) {
    if (horizon.scope !== "any" && REACHES[scopeThrough(port)] > REACHES[horizon.scope]) return "scope";
    if (horizon.hops !== 0 && (port.gateways ?? 0) >= horizon.hops) return "hops";
  }
  if (distances === undefined || port.link === undefined) return undefined;
  const distance = distances.through(port);
  if (distance === undefined) return undefined;
  if (horizon !== undefined && horizon.distanceMs !== 0) {
    const farMs = distances.strict ? distance.ms + distance.errorMs : distance.ms;
    if (farMs > horizon.distanceMs) return "distance";
  }
  if (envelope !== undefined && envelope.deadlineMs !== 0 && envelope.budgetMs < distance.ms) return "budget";
  return undefined;
}

/** Whether a distance limit holds for a port for want of knowledge only: one that is known to be near goes before it. */
export function isUnmeasured(horizon: Horizon | undefined, port: Port, distances: Distances | undefined): boolean {
  if (horizon === undefined || horizon.distanceMs === 0 || port.link === undefined) return false;
  return distances?.through(port) === undefined;
}

/** What a horizon is after one more gateway; undefined when it does not reach past it. For gateways, before they pass a message on. */
export function pastGateway(horizon: Horizon | undefined): Horizon | undefined | "beyond" {
  if (horizon === undefined) return undefined;
  if (horizon.scope !== "any" || horizon.hops === 1) return "beyond";
  return horizon.hops === 0 ? horizon : Object.freeze({ ...horizon, hops: horizon.hops - 1 });
}
