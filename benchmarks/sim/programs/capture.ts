import { createHash, randomUUID } from "node:crypto";
import { defineComponent, defineService, json } from "@orrery/core";
import { createWorld } from "@orrery/sim";
import type { ProgramFactory } from "../program.ts";

const ORDERS = 200;

const Shop = defineService("shop", { order: { request: json<{ orders: number }>(), reply: json<{ kept: number }>() } });

const shop = defineComponent(Shop, () => ({ order: async ({ orders }) => ({ kept: await takeOrders(orders) }) }));

/**
 * An ordinary test: code that reads the clock, draws ids and hashes, in a world. The variant says whether the world holds the globals that
 * it uses: `with`, or `without`, where they are the machine's.
 */
export const program: ProgramFactory = async ({ variant }) => {
  const world = createWorld({ seed: 1, ...(variant === "with" && { capture: {} }) });
  world.node("shop", { components: [shop] });
  const visitor = world.node("visitor");
  await world.start();
  return {
    async run(windowMs) {
      const endAt = process.hrtime.bigint() + BigInt(Math.round(windowMs * 1e6));
      let tests = 0;
      do {
        const { kept } = await world.settle(visitor.life.client(Shop).order({ orders: ORDERS }));
        if (kept !== ORDERS) throw new Error(`the shop kept ${kept} orders`);
        tests++;
      } while (process.hrtime.bigint() < endAt);
      return { tests };
    },
  };
};

async function takeOrders(count: number): Promise<number> {
  const orders = new Map<string, { readonly text: string; readonly at: Date }>();
  for (let index = 0; index < count; index++) {
    const startMs = performance.now();
    const order = {
      id: randomUUID(),
      index,
      price: Math.random(),
      at: new Date().toISOString(),
      tags: ["a", `${index}`],
    };
    const text = JSON.stringify(order);
    const { at } = JSON.parse(text) as { at: string };
    await Promise.resolve();
    orders.set(createHash("sha256").update(text).digest("hex"), { text, at: new Date(at) });
    if (Date.now() < new Date(at).getTime() || performance.now() < startMs) throw new Error("time went back");
    await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
  }
  return orders.size;
}
