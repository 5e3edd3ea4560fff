import { type Component, defineComponent, defineService, json } from "@orrery/core";
import { createWorld, type ModelNode, type World } from "@orrery/sim";
import { createTelemetry, type Telemetry, type TelemetryOptions } from "../telemetry.ts";

type Ask = { readonly tag: string };
type Told = { readonly tag: string; readonly flow: string };

const ask = { request: json<Ask>(), reply: json<Told>() };

/** Three services, of which each asks the next. */
export const First = defineService("first", { ask });
export const Second = defineService("second", { ask });
export const Third = defineService("third", { ask });

/** A caller and three nodes in a row, each with telemetry. */
export interface HopsWorld {
  readonly world: World;
  readonly caller: ModelNode;
  readonly nodes: readonly ModelNode[];
  /** By the name of its node: `caller`, `one`, `two`, `three`. */
  readonly telemetry: ReadonlyMap<string, Telemetry>;
  telemetryOf(node: string): Telemetry;
}

/** Makes the world, and starts it. Handlers take 5, 7 and 11 ms of their own; each writes a line at debug. */
export async function makeHopsWorld(options: TelemetryOptions = {}): Promise<HopsWorld> {
  const world = createWorld({ trace: "off", link: { latency: { kind: "uniform", minMs: 1, maxMs: 3 } } });
  const telemetry = new Map<string, Telemetry>();
  const add = (name: string, components: readonly Component[]) =>
    world.node(name, {
      components,
      telemetry: () => {
        const made = createTelemetry(options);
        telemetry.set(name, made);
        return made;
      },
    });
  const one = add("one", [
    defineComponent(First, () => ({
      async ask({ tag }, context) {
        context.log.debug("first was asked", { tag });
        await context.clock.sleep(5);
        return await context.client(Second).ask({ tag });
      },
    })),
  ]);
  const two = add("two", [
    defineComponent(Second, () => ({
      async ask({ tag }, context) {
        await context.clock.sleep(7);
        return await context.client(Third).ask({ tag });
      },
    })),
  ]);
  const three = add("three", [
    defineComponent(Third, () => ({
      async ask({ tag }, context) {
        context.log.debug("third was asked", { tag });
        await context.clock.sleep(11);
        return { tag, flow: `${context.flow.node}/${context.flow.id}` };
      },
    })),
  ]);
  const caller = add("caller", []);
  await world.start();
  const telemetryOf = (node: string) => {
    const found = telemetry.get(node);
    if (found === undefined) throw new Error(`there is no node "${node}"`);
    return found;
  };
  return { world, caller, nodes: [one, two, three], telemetry, telemetryOf };
}
