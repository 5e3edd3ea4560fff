import type { Directory } from "./directory.ts";
import type { Head } from "./envelope.ts";
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
}

/**
 * Makes the router of static discovery: a component that runs here is called here, any other at its addresses in turn, those that are
 * up first. A horizon leaves out what lies beyond it.
 */
export function createPlaceRouter(options: PlaceRouterOptions): Router {
  const places = new Map<string, Places>();
  const placesOf = (component: string): Places => {
    const addresses = options.directory.resolve(component);
    const known = places.get(component);
    if (known?.addresses === addresses) return known;
    const fresh = { addresses, ports: addresses.map(options.port), turn: 0 };
    places.set(component, fresh);
    return fresh;
  };
  return {
    pick(head) {
      if (options.serves(head.component)) return options.local;
      const there = placesOf(head.component);
      if (there.ports.length === 0) throw nowhere(options, head);
      const near = head.horizon === undefined ? there.ports : within(options, there.ports, head);
      return nextUp(near, there.turn++);
    },
    all(head) {
      const there = placesOf(head.component).ports.filter((place) => fits(place, head));
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

/** The first port from the turn on whose link is up; when none is, the turn's own, which then waits to be. */
function nextUp(ports: readonly Port[], turn: number): Port {
  const first = turn % ports.length;
  for (let i = 0; i < ports.length; i++) {
    const port = ports[(first + i) % ports.length] as Port;
    if (port.link?.up === true) return port;
  }
  return ports[first] as Port;
}

function within(options: PlaceRouterOptions, ports: readonly Port[], head: Head): readonly Port[] {
  const near = ports.filter((place) => fits(place, head));
  if (near.length > 0) return near;
  const text = `Cannot call "${head.component}.${head.method}": its horizon is the ${head.horizon?.scope ?? "any"}, and every place lies beyond`;
  throw failure("horizon_exceeded", text, { where: options.node });
}

function fits(place: Port, head: Head): boolean {
  if (head.horizon === undefined) return true;
  switch (head.horizon.scope) {
    case "process":
      return place.link === undefined;
    case "host":
      return place.link?.sameHost ?? true;
    default:
      return true;
  }
}

function nowhere(options: PlaceRouterOptions, head: Head) {
  const known = options.directory.components();
  const list =
    known.length === 0 ? "the directory is empty" : `the directory has ${known.map((name) => `"${name}"`).join(", ")}`;
  return failure("no_such_component", `Cannot call component "${head.component}": it does not run here and ${list}`, {
    where: options.node,
  });
}
