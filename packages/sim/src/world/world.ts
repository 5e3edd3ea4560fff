import type { PointAction, PointMatch, PointRule } from "@orrery/core";
import type { Tape } from "../chance/tape.ts";
import type { Fault } from "../faults/fault.ts";
import type { MessageFate, MessageMatch, MessageRule } from "../network/message-rules.ts";
import type { Trace } from "../trace/trace.ts";
import type { ModelNode, ModelNodeOptions } from "./model-node.ts";
import type { WhenMessage, WhenPoint } from "./when.ts";

/** How far a world may run. */
export interface RunOptions {
  /** Virtual time to let pass, in ms; without it the world runs until nothing is left to happen. */
  readonly forMs?: number;
  /** Stops before the first event for which it is true: a breakpoint. */
  readonly until?: () => boolean;
  /** Events after which a run is taken for one that never ends. Default: 10,000,000. */
  readonly eventsMax?: number;
  /** How fast virtual time passes: 1 as the machine's, 10 ten times as fast. Default: as fast as events can be run. */
  readonly speed?: number;
}

/** How long to wait for something, in virtual time. */
export interface WaitOptions {
  /** Default: an hour. */
  readonly withinMs?: number;
}

/** Draws of a scenario's own: the values and operations of its workload. The same seed and name give the same, whatever else is drawn. */
export interface Draw {
  /** A whole number from 0 up to below `bound`. */
  integer(bound: number): number;
  /** One of several. */
  oneOf<T>(items: readonly T[]): T;
  /** True as often as `share` says, from 0 to 1. */
  chance(share: number): boolean;
}

/**
 * A whole network in one process, under a clock that stands still unless it is told to go on.
 * @example
 * const world = createWorld({ seed: 7, link: { latency: 5 } });
 * world.node("shop", { components: [shop] });
 * const visitor = world.node("visitor");
 * await world.start();
 * const reply = await world.settle(visitor.life.client(Shop).buy({ item: "gear" }));
 */
export interface World extends AsyncDisposable {
  readonly seed: number;
  /** Virtual time since the world began, in ms. */
  readonly elapsedMs: number;
  /** Wall time at which the world began, in ms since 1970. */
  readonly epochMs: number;
  /** Events that have run. */
  readonly events: number;
  /** Events that are planned. */
  readonly planned: number;
  readonly nodes: ReadonlyMap<string, ModelNode>;
  readonly trace: Trace;
  /** What made the run go as it did, up to now; complete where the option `notes` is set. */
  readonly tape: Tape;
  /** Adds a node. @throws OrreryError `already_exists` for a name that is taken. */
  node(name: string, options?: ModelNodeOptions): ModelNode;
  /** Starts every node that was added since, and runs until all are up. */
  start(): Promise<void>;
  /** Runs until every `run` of a node has ended. @throws what one of them throws. */
  finish(options?: WaitOptions): Promise<void>;
  /** Runs one event; false when there is none. */
  step(): Promise<boolean>;
  /** Runs every event of the next tick at which there is one; false when there is none. */
  tick(): Promise<boolean>;
  /** Runs until nothing is left to happen, for some time, or up to a breakpoint. */
  run(options?: RunOptions): Promise<void>;
  /** Runs until something is true, looking after each event. @throws OrreryError `deadline_exceeded`. */
  until(isTrue: () => boolean, options?: WaitOptions): Promise<void>;
  /** Runs until a promise is settled, and gives what it gives. @throws OrreryError `deadline_exceeded`. */
  settle<T>(promise: PromiseLike<T>, options?: WaitOptions): Promise<T>;
  /** Lets something go wrong, now; a fault, or a line such as `crash store` or `partition a,b | c`. */
  inject(fault: Fault | string): void;
  /** Lets something go wrong once the world is at a time, in ms since it began. */
  at(atMs: number, fault: Fault | string): void;
  /** Lets nothing pass any more between nodes of different groups; those that no group names can still reach all. */
  partition(...groups: readonly (readonly string[])[]): void;
  /** Lets nothing pass any more from one node to another; the way back stays open. */
  cut(from: string, to: string): void;
  /** Ends every partition and cut; what was held back goes on its way. */
  heal(): void;
  /** Stops the links of nodes one by one, and lets them go on in another order, each time after up to `stepMs`. */
  swizzle(nodes: readonly string[], options: { readonly stepMs: number }): void;
  /** Ends every fault and rule, also those that are planned, and starts the nodes that are down; their `run` is not begun again. */
  recover(): Promise<void>;
  /** Says what happens to messages that fit. What is held keeps its place: what follows it on the same connection waits, too. */
  messages(match: MessageMatch, fate: MessageFate): MessageRule;
  /** Says what happens to handlers that pass a named point, such as `{ at: "after-charge", flow: "checkout-7" }`. */
  points(match: PointMatch, action: PointAction): PointRule;
  /** The same as a sentence: `world.message("cell.set").from("till").nth(1).hold()`; without a method, all messages are meant. */
  message(method?: string): WhenMessage;
  /** The same as a sentence: `world.when("after-charge").inFlow("order-7").delay(500)`. */
  when(point: string): WhenPoint;
  /** Draws for a purpose, such as the amounts of one customer. */
  draw(purpose: string): Draw;
  /** The operations of a workload: `count` of them, each drawn for itself; when a failure is made small, some are left out. */
  operations<T>(purpose: string, count: number, make: (draw: Draw, index: number) => T): readonly T[];
  /** Ends all nodes at once. */
  end(): void;
}
