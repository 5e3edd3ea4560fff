import { type Component, type Context, defineComponent, OrreryError } from "@orrery/core";
import { namePattern } from "@orrery/core/internal";
import { CapacityService } from "../gen/orrery/capacity/v1/capacity_pb.ts";
import type { LeaseBook } from "./lease-book.ts";

/** Options of the component by which a node lends. */
export interface CapacityComponentOptions {
  /** Name of the node that it runs in. */
  readonly node: string;
  /** What it lends; asked for when somebody asks. */
  readonly book: () => LeaseBook;
  /** Agents that it lends to, as patterns in which `*` stands for any characters. Default: nobody. */
  readonly lendsTo?: readonly string[];
}

/** Name of the service. */
export const CAPACITY: string = CapacityService.typeName;

/** Callers that may wait at once for instances to be ready. */
const INSTANCES = 16;

/** Makes the component by which a node runs instances for others. Its version names the node, so that one may be spoken to again. */
export function createCapacityComponent({ node, book, lendsTo = [] }: CapacityComponentOptions): Component {
  const patterns = lendsTo.map(namePattern);
  const version = versionOf(node);
  const allow = ({ agent }: Context) => {
    if (patterns.some((fits) => fits(agent))) return;
    const rule = lendsTo.map((one) => `"${one}"`).join(", ") || "nobody";
    const text = `Cannot lend instances of node "${node}" to agent "${agent}": its rule "lendsTo" names ${rule}`;
    throw new OrreryError("permission_denied", text, { details: { rule: "lendsTo", lendsTo: [...lendsTo] } });
  };
  return defineComponent(
    CapacityService,
    () => ({
      offer({ component }, context) {
        allow(context);
        return { node, version, free: book().free(component) };
      },
      async grow({ lease, component, instances, ttlMs }, context) {
        allow(context);
        const { agent } = context;
        return { node, version, instances: await book().grow({ agent, lease, component, instances, ttlMs }) };
      },
      release({ lease }, context) {
        allow(context);
        book().release(context.agent, lease);
        return {};
      },
    }),
    { version, instances: INSTANCES },
  );
}

/** The version of the capacity service of a node: what a version may not contain is written as its code. */
export function versionOf(node: string): string {
  return `1.0.0-${node.replaceAll(/[^0-9A-Za-z]/g, (letter) => `-${letter.codePointAt(0)?.toString(16)}-`)}`;
}
