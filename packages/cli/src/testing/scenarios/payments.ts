import { defineComponent, defineService, json } from "@orrery/core";
import { defineScenario, type Scenario } from "@orrery/sim";

const Cell = defineService("cell", {
  get: { request: json<Record<string, never>>(), reply: json<{ value: number }>() },
  set: { request: json<{ value: number }>(), reply: json<Record<string, never>>() },
});

const Till = defineService("till", {
  pay: { request: json<{ amount: number }>(), reply: json<Record<string, never>>() },
});

const cell = defineComponent(Cell, () => {
  let value = 0;
  return {
    get: async () => ({ value }),
    async set(request, { log }) {
      ({ value } = request);
      log.info("set", { value });
      return {};
    },
  };
});

/** Reads, passes the point `read`, and writes. */
function till(instances: number) {
  return defineComponent(
    Till,
    () => ({
      async pay({ amount }, context) {
        const { value } = await context.client(Cell).get({});
        await context.point("read", { value });
        await context.client(Cell).set({ value: value + amount });
        return {};
      },
    }),
    { instances },
  );
}

/** Visitors pay at the same time: a till of two instances forgets payments, one of one does not. */
export function paymentsAt(instances: number): Scenario<{ sum: number }> {
  return defineScenario("payments are not lost", {
    world: { link: { latency: { kind: "uniform", minMs: 1, maxMs: 3 } } },
    setup(world) {
      world.node("cell", { components: [cell] });
      world.node("till", { components: [till(instances)] });
      const paid = { sum: 0 };
      for (const name of ["ann", "bob"])
        world.node(name, {
          async run(node) {
            for (const amount of world.operations(name, 3, (draw) => 1 + draw.integer(100))) {
              await node.clock.sleep(world.draw(`${name} waits`).integer(60));
              await node.life.client(Till).pay({ amount });
              paid.sum += amount;
            }
          },
        });
      return paid;
    },
    async check(paid, world) {
      const asker = world.nodes.get("till");
      if (asker === undefined) return;
      const { value } = await world.settle(asker.life.client(Cell).get({}));
      return value === paid.sum || `${paid.sum} was paid, ${value} is there`;
    },
  });
}
