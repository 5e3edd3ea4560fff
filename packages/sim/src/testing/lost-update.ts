import { defineScenario } from "../explore/scenario.ts";
import { Cell, cell, Till, till } from "./shop.ts";

/** Customers pay at the same time: the till reads and writes, and forgets an update when two come between. */
export const lostUpdate = defineScenario("payments are not lost", {
  world: { link: { latency: { kind: "uniform", minMs: 1, maxMs: 3 } } },
  setup(world) {
    world.node("cell", { components: [cell] });
    world.node("till", { components: [till] });
    const paid = { sum: 0 };
    for (const name of ["ann", "bob", "cy"])
      world.node(name, {
        async run(node) {
          const amounts = world.operations(name, 4, (draw) => 1 + draw.integer(100));
          for (const amount of amounts) {
            await node.clock.sleep(world.draw(`${name} waits`).integer(2000));
            await node.life.client(Till).pay({ amount });
            paid.sum += amount;
          }
        },
      });
    return paid;
  },
  async check(paid, world) {
    const client = world.nodes.get("cell")?.life.client(Cell);
    const { value } = await world.settle(client?.get({}) ?? Promise.reject(new Error("no cell")));
    return value === paid.sum || `${paid.sum} was paid, ${value} is there`;
  },
});
