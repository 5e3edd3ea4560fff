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
  const turns = new Map<string, number>();
  return {
    pick(head) {
      if (options.serves(head.component)) return options.local;
      const places = within(options, head);
      const ready = places.filter((place) => place.link?.up === true);
      const candidates = ready.length > 0 ? ready : places;
      const turn = turns.get(head.component) ?? 0;
      turns.set(head.component, (turn + 1) % Number.MAX_SAFE_INTEGER);
      const place = candidates[turn % candidates.length];
      if (place === undefined) throw nowhere(options, head);
      return place;
    },
    all(head) {
      const there = options.directory.resolve(head.component).map(options.port);
      return [
        ...(options.serves(head.component) ? [options.local] : []),
        ...there.filter((place) => fits(place, head)),
      ];
    },
  };
}

function within(options: PlaceRouterOptions, head: Head): readonly Port[] {
  const places = options.directory.resolve(head.component).map(options.port);
  if (head.horizon === undefined || places.length === 0) return places;
  const near = places.filter((place) => fits(place, head));
  if (near.length > 0) return near;
  const text = `Cannot call "${head.component}.${head.method}": its horizon is the ${head.horizon.scope}, and every place lies beyond`;
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
