import { type Caller, createCaller } from "./caller.ts";
import { type CarrierPlan, isReached } from "./carriers/carrier-plan.ts";
import type { Clock } from "./clock.ts";
import type { ComponentView } from "./component-view.ts";
import { type Container, createContainer } from "./container.ts";
import { type ControlPlane, createControlPlane } from "./control-plane.ts";
import { describeComponents } from "./describe.ts";
import { createTableDirectory, type DirectorySeat } from "./directory.ts";
import type { Source } from "./envelope.ts";
import { createExchange, type Exchange } from "./exchange.ts";
import { createFlows, type Flows } from "./flows.ts";
import { NO_LIMITS, type NodeLimits } from "./guard.ts";
import { createLocalPort } from "./local-port.ts";
import { createLog, joinSinks, type Log } from "./log.ts";
import { createMessageWatch, joinWatches } from "./message-events.ts";
import type { NodeOptions } from "./node.ts";
import { OrreryError } from "./orrery-error.ts";
import { createPlaceRouter } from "./place-router.ts";
import type { PointHooks } from "./point.ts";
import { type Random, randomName } from "./random.ts";
import type { RelaySeat } from "./relay.ts";
import type { Router } from "./router.ts";
import { createSeals } from "./seals.ts";
import { createSpeaker, type Speaker } from "./speaker.ts";
import { createSystemClock } from "./system-clock.ts";
import { createSystemRandom } from "./system-random.ts";
import { NO_TELEMETRY } from "./telemetry.ts";

/** What a node is made of. */
export interface NodeParts {
  readonly name: string;
  readonly incarnation: number;
  readonly clock: Clock;
  readonly caller: Caller;
  readonly flows: Flows;
  readonly control: ControlPlane;
  /** Absent in a client. */
  readonly container: Container | undefined;
  readonly exchange: Exchange;
  readonly plan: CarrierPlan | undefined;
  readonly log: Log;
  /** What its directory does in it; absent for one that needs nothing of it. */
  readonly seat: DirectorySeat | undefined;
  /** Absent where the node passes nothing on. */
  readonly relay: RelaySeat | undefined;
  /** Speaks in the node's own name. */
  readonly speaker: Speaker;
}

/** What every part is given. */
interface Basis {
  readonly name: string;
  readonly incarnation: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly caller: Caller;
  readonly flows: Flows;
  readonly points: PointHooks;
  readonly limits: NodeLimits;
}

/**
 * Makes the parts of a node and joins them; nothing runs yet, and nothing is opened. The container is asked for late, because it and the
 * router need each other. @throws OrreryError `invalid_argument` for an option out of its range.
 */
export function createNodeParts(options: NodeOptions, serves: boolean, addresses: readonly string[]): NodeParts {
  let container: Container | undefined;
  const basis = createBasis(options, () => container?.views() ?? []);
  const { name, incarnation, clock, log, caller, flows, limits } = basis;
  const control = createControlPlane({
    node: name,
    incarnation,
    clock,
    log,
    describe: () => describeComponents({ name, incarnation, components: container?.views() ?? [] }),
    onGossip: (link, message) => seat?.receive(link, message),
    onLeave: (link, onSettled) => exchange.peerLeaves(link, onSettled),
  });
  const needs = { basis, container: () => container, exchange: () => exchange, addresses, serves };
  const { seat, router } = seatDirectory(options, needs);
  const seals = options.seals && createSeals(options.seals, name);
  const speakerFor = (source: Source) =>
    createSpeaker({
      caller,
      router,
      source,
      seals,
      agent: options.agent ?? "anonymous",
      log,
      flows,
      horizons: limits.horizons,
    });
  if (serves) {
    const { components, capacity, totals, journal } = options;
    container = createContainer({ ...basis, components, capacity, totals, journal, node: name, speakerFor });
  }
  const relay = options.relay?.seat({ node: name, incarnation, clock, log, limits, caller, router });
  const exchange = createExchange({
    transports: options.transports ?? [],
    plan: options.carrierPlan,
    node: name,
    caller,
    container,
    control,
    relay,
    seals,
    onLink: seat && ((event) => seat.linkChanged(event)),
  });
  const speaker = speakerFor({ node: name, instance: "", incarnation });
  const plan = options.carrierPlan;
  return { name, incarnation, clock, log, plan, caller, flows, control, container, exchange, seat, relay, speaker };
}

function createBasis(options: NodeOptions, components: () => readonly ComponentView[]): Basis {
  const clock = options.clock ?? createSystemClock();
  const random = options.random ?? createSystemRandom();
  const name = options.name ?? `node-${randomName(random)}`;
  const { deadlineStepMs } = options;
  if (deadlineStepMs !== undefined && !(Number.isFinite(deadlineStepMs) && deadlineStepMs > 0)) {
    const text = `Cannot make node "${name}": deadlineStepMs is ${deadlineStepMs}, write a number above 0`;
    throw new OrreryError("invalid_argument", text);
  }
  const incarnation = options.incarnation ?? Math.floor(clock.now());
  const { telemetry: source, limits: limitsSource, directory } = options;
  const host = {
    node: name,
    incarnation,
    clock,
    limits: limitsSource,
    directory,
    components,
    journal: () => options.journal?.load,
  };
  const telemetry = source?.seat(host) ?? NO_TELEMETRY;
  const sink = joinSinks(options.log, telemetry.log);
  const log = createLog({ sink, now: () => clock.now(), fields: { node: name } });
  const own = options.onMessage && createMessageWatch({ node: name, clock, log, listener: options.onMessage });
  const watch = own && telemetry.watch ? joinWatches(own, telemetry.watch) : (own ?? telemetry.watch);
  const limits = limitsSource?.seat({ node: name, clock, random, log }) ?? NO_LIMITS;
  const caller = createCaller({
    clock,
    node: name,
    watch,
    guard: limits.guard,
    ...(deadlineStepMs === undefined ? {} : { deadlineStepMs }),
  });
  return {
    name,
    incarnation,
    clock,
    random,
    log,
    caller,
    flows: createFlows({ node: name, caller, log, tell: options.onFlow }),
    limits,
    points: { onPoint: options.onPoint, maybe: options.maybe },
  };
}

interface RouterNeeds {
  readonly basis: Basis;
  readonly container: () => Container | undefined;
  readonly exchange: () => Exchange;
  readonly addresses: readonly string[];
  readonly serves: boolean;
}

/** Joins the directory to the node; one that wants no seat is only asked where components are. */
function seatDirectory(
  options: NodeOptions,
  { basis, container, exchange, addresses, serves }: RouterNeeds,
): { readonly seat: DirectorySeat | undefined; readonly router: Router } {
  const { name: node, incarnation, clock, random, log, caller, limits } = basis;
  const directory = options.directory ?? createTableDirectory({});
  const local = createLocalPort({ caller, container, encode: options.local === "encode" });
  const port = (address: string) => exchange().port(address);
  const seat = directory.seat?.({
    node,
    incarnation,
    clock,
    random,
    log,
    addresses: () => addresses,
    limits,
    components: () => (serves ? (container()?.views() ?? []) : undefined),
    local,
    reaches: (address) => isReached(address, options.transports ?? []),
    port,
    forget: (address) => exchange().forget(address),
    send: (link, message) => exchange().gossip(link, message),
  });
  const componentRuns = (component: string) => container()?.has(component) ?? false;
  const router = seat?.router ?? createPlaceRouter({ node, directory, serves: componentRuns, local, port, limits });
  return { seat, router };
}
