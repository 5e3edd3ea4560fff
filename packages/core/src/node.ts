import { createCaller } from "./caller.ts";
import type { Client, Publisher, Sender } from "./client.ts";
import type { Clock } from "./clock.ts";
import type { Component } from "./component.ts";
import { type ComponentView, type Container, createContainer } from "./container.ts";
import type { Service } from "./contract.ts";
import { createControlPlane, type PeerInfo, type PingResult } from "./control-plane.ts";
import { describeComponents } from "./describe.ts";
import { createTableDirectory, type Directory } from "./directory.ts";
import type { Source } from "./envelope.ts";
import { createExchange } from "./exchange.ts";
import { createFlows, type Flow, type FlowEvent } from "./flow.ts";
import type { Description } from "./gen/orrery/control/v1/control_pb.ts";
import { CALL_TIMEOUT_DEFAULT_MS } from "./limits.ts";
import { createLocalPort } from "./local-port.ts";
import { createLog, discardLog, type LogSink } from "./log.ts";
import { createPlaceRouter } from "./place-router.ts";
import { type Random, randomName } from "./random.ts";
import { createSpeaker } from "./speaker.ts";
import { createSystemClock } from "./system-clock.ts";
import { createSystemRandom } from "./system-random.ts";
import type { Transport } from "./transport.ts";

/** Options of a client: something that can discover and call, and serves nothing. */
export interface ClientNodeOptions {
  /** Name among nodes. Default: a random one. */
  readonly name?: string;
  /** Carriers to other nodes. Default: none. */
  readonly transports?: readonly Transport[];
  /** Where other components are. Default: nowhere. */
  readonly directory?: Directory;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Default: the machine's. */
  readonly random?: Random;
  /** Where log lines go. Default: nowhere. */
  readonly log?: LogSink;
  /** Agent of messages that no other message has led to. Default: anonymous. */
  readonly agent?: string;
  /** Gets every begin and end of a flow. Default: nobody. */
  readonly onFlow?: (event: FlowEvent) => void;
  /** How finely deadlines are told apart, in ms, above 0. Default: 8. */
  readonly deadlineStepMs?: number;
}

/** Options of a node. */
export interface NodeOptions extends ClientNodeOptions {
  readonly components: readonly Component[];
  /** Addresses to open for others, such as `tcp://127.0.0.1:0`. Default: none. */
  readonly listen?: readonly string[];
  /** Whether calls within the node copy values by the contract, or encode and decode them as a wire would. Default: copy. */
  readonly local?: "copy" | "encode";
}

/** Something that can discover and call. */
export interface ClientNode {
  readonly name: string;
  readonly incarnation: number;
  readonly clock: Clock;
  /** Calls of a service. @throws OrreryError `invalid_argument` for a contract with a shape that is not supported. */
  client<S extends Service>(service: S): Client<S>;
  /** One-way messages of a service. */
  send<S extends Service>(service: S): Sender<S>;
  /** Broadcasts of a service. */
  publish<S extends Service>(service: S): Publisher<S>;
  /** Begins a flow: pass it to calls as `options.flow`. */
  beginFlow(name: string): Flow;
  /** Asks the node at an address whether it lives; no component's queue is waited for. */
  ping(address: string, options?: { timeoutMs?: number }): Promise<PingResult>;
  /** Asks the node at an address what it serves. */
  describe(address: string, options?: { timeoutMs?: number }): Promise<Description>;
  /** Ends every call and closes every connection. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A node: a client that also runs components. */
export interface Node extends ClientNode {
  /** Addresses it has opened, with what the system chose filled in; empty before `start`. */
  readonly addresses: readonly string[];
  /** Opens the addresses and starts the components; when one cannot start, nothing runs. */
  start(): Promise<void>;
  /** Finishes what was accepted, within `timeoutMs` (default 10 s), then stops everything. */
  stop(options?: { timeoutMs?: number }): Promise<void>;
  /** Its components and where their instances stand. */
  components(): readonly ComponentView[];
  /** What the other sides of its connections said of themselves. */
  peers(): readonly PeerInfo[];
}

/** Makes a client. It connects on its first call. */
export function createClient(options: ClientNodeOptions = {}): ClientNode {
  return assemble({ ...options, components: [] }, false);
}

/**
 * Makes a node; it does nothing before `start`.
 * @throws OrreryError `already_exists` when two components have one name, `invalid_argument` for a contract that is not supported.
 * @example
 * await using node = createNode({ components: [weather] });
 * await node.start();
 * console.log(await node.client(Weather).today({ place: "Oslo" }));
 */
export function createNode(options: NodeOptions): Node {
  return assemble(options, true);
}

function assemble(options: NodeOptions, serves: boolean): Node {
  const clock = options.clock ?? createSystemClock();
  const random = options.random ?? createSystemRandom();
  const name = options.name ?? `node-${randomName(random)}`;
  const incarnation = Math.floor(clock.now());
  const directory = options.directory ?? createTableDirectory({});
  const log = createLog({ sink: options.log ?? discardLog, now: () => clock.now(), fields: { node: name } });
  const caller = createCaller({
    clock,
    node: name,
    ...(options.deadlineStepMs === undefined ? {} : { deadlineStepMs: options.deadlineStepMs }),
  });
  const flows = createFlows(name, () => caller.nextId(), options.onFlow);
  let container: Container | undefined;
  const control = createControlPlane({
    node: name,
    incarnation,
    clock,
    log,
    describe: () => describeComponents({ name, incarnation, components: container?.views() ?? [] }),
  });
  const local = createLocalPort({ caller, container: () => container, encode: options.local === "encode" });
  const router = createPlaceRouter({
    node: name,
    directory,
    serves: (component) => container?.has(component) ?? false,
    local,
    port: (address) => exchange.port(address),
  });
  const speakerFor = (source: Source) =>
    createSpeaker({ caller, router, source, agent: options.agent ?? "anonymous", log });
  if (serves)
    container = createContainer({
      components: options.components,
      node: name,
      clock,
      random,
      log,
      caller,
      flows,
      speakerFor,
    });
  const exchange = createExchange({ transports: options.transports ?? [], node: name, caller, container, control });
  const speaker = speakerFor({ node: name, instance: "", incarnation });
  const addresses: string[] = [];
  const ask = (address: string) => {
    const { transport, link } = exchange.port(address);
    return [transport, link] as const;
  };
  let stopped: Promise<void> | undefined;

  const node: Node = {
    name,
    incarnation,
    clock,
    addresses,
    client: (service) => speaker.client(service),
    send: (service) => speaker.send(service),
    publish: (service) => speaker.publish(service),
    beginFlow: (flow) => flows.begin(flow),
    ping: (address, { timeoutMs = CALL_TIMEOUT_DEFAULT_MS } = {}) => control.ping(...ask(address), timeoutMs),
    describe: (address, { timeoutMs = CALL_TIMEOUT_DEFAULT_MS } = {}) => control.describe(...ask(address), timeoutMs),
    components: () => container?.views() ?? [],
    peers: () => exchange.links().flatMap((link) => control.peer(link) ?? []),
    async start() {
      try {
        await container?.start();
        for (const address of options.listen ?? []) addresses.push(await exchange.listen(address));
      } catch (error) {
        await node.stop({ timeoutMs: 0 });
        throw error;
      }
    },
    stop({ timeoutMs } = {}) {
      stopped ??= stopAll(timeoutMs);
      return stopped;
    },
    [Symbol.asyncDispose]: () => node.stop(),
  };
  async function stopAll(timeoutMs: number | undefined): Promise<void> {
    control.leave("stopping");
    await container?.stop(timeoutMs);
    caller.shutdown();
    await exchange.close();
  }
  return node;
}
