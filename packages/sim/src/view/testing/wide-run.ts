import { defineComponent, defineService, json, OrreryError, outcomeOf } from "@orrery/core";
import type { LinkModel } from "../../network/link-model.ts";
import type { LinkModels } from "../../network/topologies.ts";
import { createWorld } from "../../world/create-world.ts";
import { type Recording, recordingOf } from "../recording.ts";

const Ledger = defineService("ledger", {
  write: { request: json<{ key: string; value: number }>(), reply: json<{ version: number }>() },
  read: { request: json<{ key: string }>(), reply: json<{ value: number }>() },
});

const Orders = defineService("orders", {
  place: { request: json<{ item: string; amount: number }>(), reply: json<{ version: number }>() },
});

const ledger = defineComponent(Ledger, () => {
  const values = new Map<string, number>();
  let version = 0;
  return {
    async write({ key, value }, { clock }) {
      await clock.sleep(2);
      values.set(key, value);
      return { version: ++version };
    },
    read: async ({ key }) => ({ value: values.get(key) ?? 0 }),
  };
});

const orders = defineComponent(
  Orders,
  () => ({
    async place({ item, amount }, context) {
      const { value } = await context.client(Ledger).read({ key: item });
      if (value + amount > 1e9) throw new OrreryError("out_of_range", "Cannot place the order: too much was ordered");
      await context.point("before-write");
      return context.client(Ledger).write({ key: item, value: value + amount });
    },
  }),
  { instances: 4 },
);

/** Options of the run. */
export interface WideRunOptions {
  readonly seed?: number;
  /** Orders of each visitor. */
  readonly orders?: number;
  readonly visitors?: number;
}

/** A run over three data centres, in which visitors order, a link is cut, a node crashes, is slow, and comes back. */
export async function wideRun({
  seed = 11,
  orders: count = 12,
  visitors = 5,
}: WideRunOptions = {}): Promise<Recording> {
  const near: LinkModel = { latency: { kind: "lognormal", medianMs: 3, sigma: 0.3 } };
  const far: LinkModel = { latency: { kind: "lognormal", medianMs: 14, sigma: 0.3 }, loss: 0.01 };
  const link: LinkModels = (from, to) => (from.zone === to.zone ? near : far);
  const world = createWorld({ seed, link, trace: "keep" });
  world.node("ledger", { components: [ledger], zone: "oslo", machine: "m1" });
  world.node("orders-a", { components: [orders], zone: "oslo", machine: "m2" });
  world.node("orders-b", { components: [orders], zone: "bergen", machine: "m3" });
  world.node("orders-c", { components: [orders], zone: "bergen", machine: "m4" });
  for (let index = 1; index <= visitors; index++) {
    world.node(`visitor-${index}`, {
      zone: index % 2 === 0 ? "bergen" : "tromsø",
      run: async ({ life, clock }) => {
        const draw = world.draw(`visitor ${index}`);
        for (let order = 0; order < count; order++) {
          const flow = life.beginFlow(`order-${index}-${order + 1}`);
          const request = { item: draw.oneOf(["gear", "wheel", "spring"]), amount: draw.integer(9) + 1 };
          const outcome = await outcomeOf(life.client(Orders).place(request, { flow, timeoutMs: 400 }));
          await flow.end(outcome.kind === "reply" ? "ok" : "failed");
          await clock.sleep(draw.integer(20));
        }
      },
    });
  }
  await world.start();
  world.at(180, "partition orders-c,visitor-2 | ledger");
  world.at(330, "heal");
  world.at(360, "slow orders-a 4 ms");
  world.at(420, "crash ledger");
  world.at(560, "restart ledger");
  world.at(600, "slow orders-a 0 ms");
  world.at(620, "pause orders-b");
  world.at(700, "resume orders-b");
  await world.finish();
  const recording = recordingOf(world, { scenario: "orders from three cities" });
  world.end();
  return recording;
}
