import type { Directory } from "./directory.ts";
import type { Envelope, Head } from "./envelope.ts";
import { isFinal, isUnlimited, NO_LIMITS, type NodeLimits, noWay, refusalOf } from "./guard.ts";
import { horizonCheck, isUnmeasured } from "./horizon.ts";
import { failure } from "./orrery-error.ts";
import type { Port } from "./port.ts";
import type { Router } from "./router.ts";

/** Options of a router by place. */
export interface PlaceRouterOptions {
  readonly node: string;
  readonly directory: Directory;
  /** Whether the node runs a component itself. */
  readonly serves: (component: string) => boolean;
  readonly local: Port;
  readonly port: (address: string) => Port;
  /** What limits the node's messages. Default: nothing. */
  readonly limits?: NodeLimits;
}

/**
 * Makes the router of static discovery: a component that runs here is called here, any other at its addresses in turn, those that are
 * up first, and of these those that took what they were given lately. What the limits refuse is left out: horizons, breakers, throttles.
 */
export function createPlaceRouter(options: PlaceRouterOptions): Router {
  const limits = options.limits ?? NO_LIMITS;
  const places = new Map<string, Places>();
  const placesOf = (component: string): Places => {
    const addresses = options.directory.resolve(component);
    const known = places.get(component);
    if (known?.addresses === addresses) return known;
    const fresh = { addresses, ports: addresses.map(options.port), turn: 0 };
    places.set(component, fresh);
    return fresh;
  };
  const choose = (head: Head, envelope: Envelope | undefined): Port => {
    const isHere = options.serves(head.component);
    if (isHere && refusalOf(limits, options.local, head, envelope) === undefined) return options.local;
    const there = placesOf(head.component);
    const chosen = nextOpen(limits, there.ports, there.turn++, head, envelope);
    if (chosen !== undefined) return chosen;
    if (!isHere && there.ports.length === 0) throw nowhere(options, head);
    const ports = isHere ? [options.local, ...there.ports] : there.ports;
    throw noWay(ports, { node: options.node, limits, head, envelope });
  };
  return {
    pick(head, envelope) {
      if (!isUnlimited(limits, head)) return choose(head, envelope);
      if (options.serves(head.component)) return options.local;
      const there = placesOf(head.component);
      if (there.ports.length === 0) throw nowhere(options, head);
      return nextUp(there.ports, there.turn++, head.component);
    },
    all(head) {
      const fits = (port: Port) => horizonCheck(head.horizon, port, limits.distances) === undefined;
      const there = placesOf(head.component).ports.filter(fits);
      return options.serves(head.component) ? [options.local, ...there] : there;
    },
  };
}

/** Where a component is, as the directory said it last: a directory that changes its mind gives another array. */
interface Places {
  readonly addresses: readonly string[];
  readonly ports: readonly Port[];
  turn: number;
}

/**
 * The first port from the turn on whose link is up, and from which nothing bounced lately; when none is, the turn's own, which then waits to
 * be. One whose peer is leaving comes after all others.
 */
function nextUp(ports: readonly Port[], turn: number, component: string): Port {
  const first = turn % ports.length;
  let waiting: Port | undefined;
  let bouncing: Port | undefined;
  for (let i = 0; i < ports.length; i++) {
    const port = ports[(first + i) % ports.length] as Port;
    if (port.leaving !== undefined) continue;
    if (port.link?.up !== true) waiting ??= port;
    else if (port.bounces?.has(component) === true) bouncing ??= port;
    else return port;
  }
  return bouncing ?? waiting ?? (ports[first] as Port);
}

/**
 * As `nextUp` among those that may be taken; one that stays before one that is known to be near, before one that nobody has measured, before
 * one from which nothing bounced lately. Undefined for none.
 */
function nextOpen(
  limits: NodeLimits,
  ports: readonly Port[],
  turn: number,
  head: Head,
  envelope: Envelope | undefined,
): Port | undefined {
  let best: Port | undefined;
  let bestRank = 0;
  for (let i = 0; i < ports.length; i++) {
    const port = ports[(turn + i) % ports.length] as Port;
    const isNear = !isUnmeasured(head.horizon, port, limits.distances);
    const isUp = port.link?.up === true;
    const isOpen = isUp && port.bounces?.has(head.component) !== true;
    const rank = 1 + (isOpen ? 1 : 0) + (isUp ? 2 : 0) + (isNear ? 4 : 0) + (port.leaving === undefined ? 8 : 0);
    if (rank <= bestRank) continue;
    const refusal = refusalOf(limits, port, head, envelope);
    if (refusal !== undefined) {
      if (best === undefined && isFinal(refusal)) return undefined;
      continue;
    }
    best = port;
    bestRank = rank;
    if (rank === RANK_MAX) break;
  }
  return best;
}

/** Of a port that stays, is near enough and up, and takes what it is given. */
const RANK_MAX = 16;

function nowhere(options: PlaceRouterOptions, head: Head) {
  const known = options.directory.components();
  const list =
    known.length === 0 ? "the directory is empty" : `the directory has ${known.map((name) => `"${name}"`).join(", ")}`;
  return failure("no_such_component", `Cannot call component "${head.component}": it does not run here and ${list}`, {
    where: options.node,
  });
}
