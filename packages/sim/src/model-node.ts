import { type Component, createNode, type Directory, type LogSink, type Node } from "@orrery/core";
import type { Draws } from "./draws.ts";
import { type ClockSkew, createNodeClock, type NodeClock } from "./node-clock.ts";
import type { Place, SimNetwork } from "./sim-network.ts";
import { createSimTransport, type SimTransport, type SimTransportOptions } from "./sim-transport.ts";

/** What a modelled node runs, and where. */
export interface ModelNodeOptions {
  /** Default: none, a client. */
  readonly components?: readonly Component[];
  /** Machine that it runs on; nodes of one machine are near one another. Default: one of its own. */
  readonly machine?: string;
  /** Network that its machine is in, such as a data centre. Default: one for all nodes that name none. */
  readonly zone?: string;
  /** How its clock differs from the world's. Default: not at all. */
  readonly skew?: ClockSkew;
  /** Agent of messages that no other message has led to. Default: anonymous. */
  readonly agent?: string;
}

/** A node of a modelled network: production code, under the world's clock. It may crash and start again, and is then another incarnation. */
export interface ModelNode {
  readonly name: string;
  readonly machine: string;
  /** The node of its present life. */
  readonly life: Node;
  readonly clock: NodeClock;
  /** Whether it runs. */
  readonly alive: boolean;
  /** Ends it at once, in the middle of whatever it does. Nothing of this life has any effect afterwards. */
  crash(): void;
  /** Begins a new life with fresh instances. Run the world until it is up: `world.settle(node.restart())`. */
  restart(): Promise<void>;
}

/** What the nodes of a world share. */
export interface ModelNodeBasis {
  readonly network: SimNetwork<SimTransport>;
  readonly draws: Draws;
  readonly directory: Directory;
  readonly epochMs: number;
  readonly log: LogSink | undefined;
  readonly onArrival: SimTransportOptions["onArrival"];
}

/** The address of a modelled node. */
export function addressOf(name: string): string {
  return `sim://${name}`;
}

/** Makes a modelled node; it does nothing before its life is started. */
export function createModelNode(basis: ModelNodeBasis, place: Place, options: ModelNodeOptions): ModelNode {
  return new RestartableNode(basis, place, options);
}

/** One life of a node, and what belongs to it alone. */
interface Life {
  readonly node: Node;
  readonly clock: NodeClock;
  readonly transport: SimTransport;
}

class RestartableNode implements ModelNode {
  readonly #basis: ModelNodeBasis;
  readonly #place: Place;
  readonly #options: ModelNodeOptions;
  #lives = 0;
  #incarnation = 0;
  #life: Life;
  alive = true;

  constructor(basis: ModelNodeBasis, place: Place, options: ModelNodeOptions) {
    this.#basis = basis;
    this.#place = place;
    this.#options = options;
    this.#life = this.#begin(options.skew?.offsetMs ?? 0);
  }

  get name(): string {
    return this.#place.name;
  }

  get machine(): string {
    return this.#place.machine;
  }

  get life(): Node {
    return this.#life.node;
  }

  get clock(): NodeClock {
    return this.#life.clock;
  }

  crash(): void {
    if (!this.alive) return;
    this.alive = false;
    this.#life.transport.kill();
    this.#life.clock.stop();
  }

  async restart(): Promise<void> {
    this.crash();
    this.#life = this.#begin(this.#life.clock.offsetMs); // The machine's wall clock outlives its processes.
    this.alive = true;
    await this.#life.node.start();
  }

  #begin(offsetMs: number): Life {
    const { network, draws, directory, epochMs, log, onArrival } = this.#basis;
    const { components = [], agent } = this.#options;
    const skew = { ...this.#options.skew, offsetMs };
    const { name, number } = this.#place;
    const clock = createNodeClock({ scheduler: network.scheduler, node: number, epochMs, skew });
    const transport = createSimTransport({ network, place: this.#place, clock, ...(onArrival && { onArrival }) });
    // Two lives may begin in one ms, and a clock may have been set back meanwhile.
    this.#incarnation = Math.max(this.#incarnation + 1, Math.floor(clock.now()));
    const node = createNode({
      name,
      incarnation: this.#incarnation,
      components,
      transports: [transport],
      listen: [addressOf(name)],
      directory,
      clock,
      random: draws.stream("node", `${name}/${++this.#lives}`),
      local: "encode",
      ...(log && { log }),
      ...(agent === undefined ? {} : { agent }),
    });
    return { node, clock, transport };
  }
}
