import { type Component, type Log, type Node, OrreryError } from "@orrery/core";
import { createCapacityComponent } from "./capacity-component.ts";
import { LeaseBook } from "./lease-book.ts";
import { createNodePlacement } from "./node-placement.ts";
import type { Placement } from "./placement.ts";

/** Options of what a node runs for others. */
export interface LenderOptions {
  /** Name of the node. */
  readonly node: string;
  /** Components of which it runs instances for others, or what tells them now; it has their code, if only with a capacity of 0 instances. */
  readonly components: readonly string[] | (() => readonly string[]);
  /** Instances that it lends at most, over all components. */
  readonly instancesMax: number;
  /** Agents that it lends to, as patterns in which `*` stands for any characters. Default: nobody. */
  readonly lendsTo?: readonly string[];
  /** Where it runs them. Default: within the node. */
  readonly placements?: readonly Placement[];
  readonly log?: Log;
}

/** What makes a node run instances for others. */
export interface Lender {
  /** To be one of the node's components. */
  readonly component: Component;
  /** Instances of a component that run in the node for others. */
  lent(component: string): number;
  /** Gives it the node that it is of, before others ask. */
  attach(node: Node): void;
  /** Ends every lease. */
  close(): void;
}

/** Makes what lends: a node gives it to its components, and itself to it. @throws OrreryError `invalid_argument`. */
export function createLender(options: LenderOptions): Lender {
  const { node: name, components, instancesMax, lendsTo = [], placements, log } = options;
  if (!Number.isInteger(instancesMax) || instancesMax < 0) {
    const text = `Cannot lend instances of node "${name}": instancesMax is ${instancesMax}, write a whole number from 0`;
    throw new OrreryError("invalid_argument", text);
  }
  let book: LeaseBook | undefined;
  const attached = (): LeaseBook => {
    if (book !== undefined) return book;
    throw new OrreryError("unavailable", `Cannot lend instances of node "${name}": it is not attached yet`);
  };
  return {
    component: createCapacityComponent({ node: name, book: attached, lendsTo }),
    lent: (component) => book?.lent(component) ?? 0,
    attach(node) {
      const within = createNodePlacement({ node: () => node, instancesMax: INSTANCES_MAX });
      book = new LeaseBook({
        clock: node.clock,
        components: typeof components === "function" ? components : () => components,
        instancesMax,
        placements: placements ?? [within],
        ...(log && { log }),
      });
    },
    close: () => book?.close(),
  };
}

/** What a node runs at most of one component. */
const INSTANCES_MAX = 1024;
