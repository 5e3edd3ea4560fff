import type { DirectoryHost, OrreryError, Random } from "@orrery/core";
import { type Envelope, failure, type Head, horizonCheck, noWay, type Port, type Router } from "@orrery/core/internal";
import { allOf, type Candidate, type Candidates, nearOf } from "./candidate.ts";
import { canTake, choosePlace, type PlaceRequest, passes, type Stage } from "./choose-place.ts";
import { drawSome } from "./draw-some.ts";
import { createFlowPins } from "./flow-pins.ts";
import { FEW_PLACES } from "./limits.ts";
import type { LimitsStage } from "./limits-stage.ts";
import type { Place, PlaceIndex } from "./place-index.ts";
import { highestIn } from "./version-range.ts";
import type { Waiters } from "./waiters.ts";

/** Options of a router by gossip. */
export interface GossipRouterOptions {
  readonly node: string;
  /** Name of the network that it routes in. */
  readonly network: string | undefined;
  readonly random: Random;
  readonly index: PlaceIndex;
  readonly stages: readonly Stage[];
  readonly limits: NonNullable<DirectoryHost["limits"]>;
  /** One of the stages. */
  readonly limitsStage: LimitsStage;
  readonly waiters: Waiters;
  /** Other nodes that are known. */
  readonly others: () => number;
}

/** Makes the router of a directory that learns by gossip: each message goes where the pipeline of stages and lots says. */
export function createGossipRouter(options: GossipRouterOptions): Router {
  const { random, index, stages, waiters, limitsStage } = options;
  const { network, limits } = options;
  const state = { random, stages, isStopped: () => limitsStage.isStopped };
  const pins = createFlowPins();
  /** What ranges mean, as long as the places of their components stay. */
  const meanings = new WeakMap<Candidates<Place>, Map<string, string>>();
  return {
    ...(network !== undefined && { network }),
    pick(head, envelope): Port {
      const { component } = head;
      const candidates = index.candidates(component);
      if (candidates === undefined) throw nobody(options, component);
      limitsStage.look(head, envelope);
      const flow = head.version === "" ? envelope?.flow : undefined;
      const request = requestOf(head, envelope, pins.get(flow, component));
      let place = choosePlace(candidates, request, state);
      if (place === undefined) throw refusal(options, head, envelope, candidates, request);
      if (!place.isUp) {
        place = openSome(options, candidates, request);
        if (place === undefined) throw unconnected(options, head, candidates, request);
      }
      warm(candidates, place, random);
      if (flow !== undefined && request.version === "") pins.set(flow, component, place.version);
      return place.port;
    },
    all(head): readonly Port[] {
      const candidates = index.candidates(head.component);
      if (candidates === undefined) return [];
      // What is too much is let go as it is sent, and counted then.
      const hard = stages.filter((stage) => stage.isSoft !== true && stage !== limitsStage);
      const request = requestOf(head, undefined, "");
      const places = audienceOf(candidates, head).filter((place) => passes(place, request, hard));
      const ports = places.map(({ port }) => port);
      return ports.filter((port) => horizonCheck(head.horizon, port, limits.distances) === undefined);
    },
    exactVersion(component, range, flow): string {
      const candidates = index.candidates(component);
      if (candidates === undefined) throw nobody(options, component);
      const pinned = pins.get(flow, component);
      const known = pinned === "" ? meanings.get(candidates)?.get(range) : undefined;
      if (known !== undefined) {
        pins.set(flow, component, known);
        return known;
      }
      const versions = versionsOf(allOf(candidates));
      // Of this network, if it has one that fits.
      const exact =
        rangeVersion(range, versionsOf(nearOf(candidates)), pinned) ?? rangeVersion(range, versions, pinned);
      if (exact === undefined) throw noVersion(options, `${component}@${range}`, versions, pins.get(flow, component));
      pins.set(flow, component, exact);
      if (pinned === "") keepMeaning(meanings, candidates, range, exact);
      return exact;
    },
    whenReachable: (component, wait) => waiters.wait(component, wait),
  };
}

/** Ranges of one component whose meaning is kept: callers write few. */
const MEANINGS_MAX = 64;

function keepMeaning<C extends object>(
  meanings: WeakMap<C, Map<string, string>>,
  candidates: C,
  range: string,
  exact: string,
): void {
  const ofThese = meanings.get(candidates) ?? new Map<string, string>();
  if (ofThese.size < MEANINGS_MAX) meanings.set(candidates, ofThese.set(range, exact));
}

/**
 * To whom a broadcast goes: everybody in this network; in others only where its horizon says so, and there by one gateway, so that nobody gets
 * it twice.
 */
function audienceOf(candidates: Candidates<Place>, { horizon }: Head): readonly Place[] {
  const near = nearOf(candidates);
  if (horizon?.scope !== "any" || candidates.remote === undefined) return near;
  const gateways = new Map<string, Place>();
  for (const place of candidates.remote) {
    const key = place.network ?? "";
    if (gateways.get(key)?.isUp !== true) gateways.set(key, place);
  }
  return [...near, ...gateways.values()];
}

/** Asks for a connection to one more place, so that the next messages find it; to a gateway once nearer places are busy. */
function warm({ host, network, remote = [] }: Candidates<Place>, chosen: Place, random: Random): void {
  if (remote.length > 0 && !canTake(chosen))
    for (const place of drawSome(remote, 1, random)) if (!place.isOpened) void place.port;
  const places = host.length > 0 && (network.length === 0 || random.next() < 0.5) ? host : network;
  const cold = places.length <= FEW_PLACES ? places.find(isCold) : places[random.integer(places.length)];
  if (cold?.isOpened === false) void cold.port;
}

const isCold = ({ isOpened }: Place) => !isOpened;

/** Asks for connections to some places, of which the first will do; gives one where there is a connection already. */
function openSome(
  { random, stages, limitsStage }: GossipRouterOptions,
  candidates: Candidates<Place>,
  request: PlaceRequest,
): Place | undefined {
  for (const place of drawSome(wantedOf(candidates, request, stages), OPENED_MAX, random)) void place.port;
  const chosen = choosePlace(candidates, request, { random, stages, isStopped: () => limitsStage.isStopped });
  return chosen?.isUp === true ? chosen : undefined;
}

/** Places that would do if they were connected. */
function wantedOf(candidates: Candidates<Place>, request: PlaceRequest, stages: readonly Stage[]): readonly Place[] {
  const hard = stages.filter(({ isSoft }) => isSoft !== true);
  const wanted = (places: readonly Place[]) => places.filter((place) => passes(place, request, hard));
  const near = wanted(nearOf(candidates));
  // Nobody asks for another network while one of this may yet answer.
  return near.some(({ trouble }) => trouble === "") ? near : [...near, ...wanted(candidates.remote ?? [])];
}

function unconnected(
  options: GossipRouterOptions,
  head: Head,
  candidates: Candidates<Place>,
  request: PlaceRequest,
): OrreryError {
  const wanted = wantedOf(candidates, request, options.stages);
  const why = wanted
    .slice(0, NAMED_MAX)
    .map(({ address, trouble }) => `${address}: ${trouble || "it does not answer"}`);
  const text = `Cannot reach component "${head.component}": none of its places is connected; ${why.join("; ")}`;
  return failure("not_connected", text, { where: options.node });
}

/** Connections that are asked for at once while there is none. */
const OPENED_MAX = 8;

function requestOf({ version, horizon }: Head, envelope: Envelope | undefined, pinned: string): PlaceRequest {
  return { version: version === "" ? pinned : version, shardKey: envelope?.shardKey ?? "", horizon };
}

/** The highest version in a range; in a flow that has talked to one, that one or none. */
function rangeVersion(range: string, versions: readonly string[], pinned: string): string | undefined {
  if (pinned === "") return highestIn(range, versions);
  return versions.includes(pinned) ? highestIn(range, [pinned]) : undefined;
}

function versionsOf(places: readonly Candidate[]): readonly string[] {
  return [...new Set(places.map(({ version }) => version))].sort();
}

function nobody({ node, index, others }: GossipRouterOptions, component: string): OrreryError {
  const known = index.components();
  const list = known.length === 0 ? "serve nothing" : `serve ${quoted(known.slice(0, NAMED_MAX))}`;
  const who =
    others() === 0 ? "no other node is known, check its seeds" : `the ${others()} other nodes that are known ${list}`;
  return failure("no_such_component", `Cannot call component "${component}": nobody is known to serve it; ${who}`, {
    where: node,
  });
}

/** Components that an error names at most. */
const NAMED_MAX = 20;

function noVersion(
  { node }: GossipRouterOptions,
  wanted: string,
  versions: readonly string[],
  pinned: string,
): OrreryError {
  const flow = pinned === "" ? "" : `, and its flow has talked to ${pinned} before`;
  const text = `Cannot call "${wanted}": its versions are ${versions.join(", ")}${flow}`;
  return failure("no_such_version", text, { where: node, details: { versions: [...versions] } });
}

function refusal(
  options: GossipRouterOptions,
  head: Head,
  envelope: Envelope | undefined,
  candidates: Candidates<Place>,
  request: PlaceRequest,
): OrreryError {
  const { component, method, horizon } = head;
  const places = allOf(candidates);
  const left = options.stages.filter(({ isSoft }) => isSoft !== true);
  const isOf = (name: string) =>
    places.some((place) => left.find((stage) => !stage.keeps(place, request))?.name === name);
  if (isOf("limits")) {
    const { node, limits, limitsStage } = options;
    const refused = places.filter((place) => left.find((stage) => !stage.keeps(place, request)) === limitsStage);
    return noWay(
      refused.map(({ port }) => port),
      { node, limits, head, envelope },
    );
  }
  if (isOf("horizon")) {
    const isFar = horizon !== undefined && horizon.distanceMs > 0;
    const beyond = `its horizon is ${isFar ? `${horizon.distanceMs} ms` : `the ${horizon?.scope ?? "any"}`}`;
    const check = isFar ? "distance" : "scope";
    options.limits.guard?.refused({ check, beyond: horizon?.beyond ?? "bounce", why: () => beyond }, head);
    const text = `Cannot call "${component}.${method}": ${beyond}, and every place lies beyond`;
    return failure(horizon?.beyond === "drop" ? "dropped" : "horizon_exceeded", text, { where: options.node });
  }
  const pinned = head.version === "" ? request.version : "";
  return noVersion(options, `${component}@${request.version}`, versionsOf(places), pinned);
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
