import { type Component, defineComponent, defineService, json } from "@orrery/core";

/** A service whose calls take as long as they say. */
export const Shop = defineService("shop", {
  work: { request: json<{ ms: number }>(), reply: json<{ node: string; instance: string }>() },
});

/** Options of a shop. */
export interface ShopOptions {
  /** Time that an instance takes to start, in ms. Default: 0. */
  readonly startMs?: number;
  /** Told when an instance is ready. Default: nobody. */
  readonly onReady?: (instance: string, node: string, atMs: number) => void;
}

/** A component that works for as long as it is told, one call at a time. */
export function shop({ startMs = 0, onReady }: ShopOptions = {}): Component {
  return defineComponent(Shop, (instance) => {
    instance.onStart(() => instance.clock.sleep(startMs));
    instance.onReady(() => onReady?.(instance.id, instance.node, instance.clock.monotonic()));
    return {
      async work({ ms }, context) {
        await context.clock.sleep(ms);
        return { node: instance.node, instance: instance.id };
      },
    };
  });
}
