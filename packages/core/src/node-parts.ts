import { type Caller, createCaller } from "./caller.ts";
import type { Clock } from "./clock.ts";
import { type Container, createContainer } from "./container.ts";
import { type ControlPlane, createControlPlane } from "./control-plane.ts";
import { describeComponents } from "./describe.ts";
import { createTableDirectory } from "./directory.ts";
import type { Source } from "./envelope.ts";
import { createExchange, type Exchange } from "./exchange.ts";
import { createFlows, type Flows } from "./flows.ts";
import { createLocalPort } from "./local-port.ts";
import { createLog, discardLog, type Log } from "./log.ts";
import { createMessageWatch } from "./message-events.ts";
import type { NodeOptions } from "./node.ts";
import { OrreryError } from "./orrery-error.ts";
import { createPlaceRouter } from "./place-router.ts";
import type { PointHooks } from "./point.ts";
import { type Random, randomName } from "./random.ts";
import type { Router } from "./router.ts";
import { createSpeaker, type Speaker } from "./speaker.ts";
import { createSystemClock } from "./system-clock.ts";
import { createSystemRandom } from "./system-random.ts";

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
}

/**
 * Makes the parts of a node and joins them; nothing runs yet, and nothing is opened. The container is asked for late, because it and the
 * router need each other. @throws OrreryError `invalid_argument` for an option out of its range.
 */
export function createNodeParts(options: NodeOptions, serves: boolean): NodeParts {
  const basis = createBasis(options);
  const { name, incarnation, clock, log, caller, flows } = basis;
  let container: Container | undefined;
  const control = createControlPlane({
    node: name,
    incarnation,
    clock,
    log,
    describe: () => describeComponents({ name, incarnation, components: container?.views() ?? [] }),
  });
  const router = createRouter(options, {
    basis,
    container: () => container,
    exchange: () => exchange,
  });
  const speakerFor = (source: Source) =>
    createSpeaker({ caller, router, source, agent: options.agent ?? "anonymous", log, flows });
  if (serves) container = createContainer({ ...basis, components: options.components, node: name, speakerFor });
  const exchange = createExchange({ transports: options.transports ?? [], node: name, caller, container, control });
  const speaker = speakerFor({ node: name, instance: "", incarnation });
  return { name, incarnation, clock, caller, flows, control, container, exchange, speaker };
}

function createBasis(options: NodeOptions): Basis {
  const clock = options.clock ?? createSystemClock();
  const random = options.random ?? createSystemRandom();
  const name = options.name ?? `node-${randomName(random)}`;
  const { deadlineStepMs } = options;
  if (deadlineStepMs !== undefined && !(Number.isFinite(deadlineStepMs) && deadlineStepMs > 0)) {
    const text = `Cannot make node "${name}": deadlineStepMs is ${deadlineStepMs}, write a number above 0`;
    throw new OrreryError("invalid_argument", text);
  }
  const log = createLog({ sink: options.log ?? discardLog, now: () => clock.now(), fields: { node: name } });
  const watch = options.onMessage && createMessageWatch({ node: name, clock, log, listener: options.onMessage });
  const caller = createCaller({
    clock,
    node: name,
    watch,
    ...(deadlineStepMs === undefined ? {} : { deadlineStepMs }),
  });
  return {
    name,
    incarnation: options.incarnation ?? Math.floor(clock.now()),
    clock,
    random,
    log,
    caller,
    flows: createFlows({ node: name, caller, log, tell: options.onFlow }),
    points: { onPoint: options.onPoint, maybe: options.maybe },
  };
}

interface RouterNeeds {
  readonly basis: Basis;
  readonly container: () => Container | undefined;
  readonly exchange: () => Exchange;
}

function createRouter(options: NodeOptions, { basis, container, exchange }: RouterNeeds): Router {
  return createPlaceRouter({
    node: basis.name,
    directory: options.directory ?? createTableDirectory({}),
    serves: (component) => container()?.has(component) ?? false,
    local: createLocalPort({ caller: basis.caller, container, encode: options.local === "encode" }),
    port: (address) => exchange().port(address),
  });
}
