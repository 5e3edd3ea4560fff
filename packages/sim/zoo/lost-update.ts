import { defineComponent, defineService, json } from "@orrery/core";
import { house, nothing, plantBug } from "./plant.ts";

const Shelf = defineService("shelf", {
  read: { request: nothing, reply: json<{ count: number; revision: number }>() },
  write: { request: json<{ count: number; revision?: number }>(), reply: json<{ isWritten: boolean }>() },
});

const Deliveries = defineService("deliveries", {
  unload: { request: json<{ count: number }>(), reply: nothing },
});

const shelf = defineComponent(Shelf, () => {
  let count = 0;
  let revision = 0;
  return {
    read: async () => ({ count, revision }),
    async write(request) {
      if (request.revision !== undefined && request.revision !== revision) return { isWritten: false };
      count = request.count;
      revision++;
      return { isWritten: true };
    },
  };
});

const deliveries = (isFixed: boolean) =>
  defineComponent(
    Deliveries,
    () => ({
      async unload({ count }, context) {
        const goods = context.client(Shelf);
        for (;;) {
          const read = await goods.read({});
          const revision = isFixed ? { revision: read.revision } : {};
          const { isWritten } = await goods.write({ count: read.count + count, ...revision });
          if (isWritten) return {};
        }
      },
    }),
    { instances: 2 },
  );

/** A stock that is read, added to, and written back. */
export const lostUpdate = plantBug({
  name: "lost update",
  wrong: "two deliveries read the same stock, and the second write forgets the first",
  scenario: (isFixed) => ({
    world: house,
    setup(world) {
      const store = world.node("store", { components: [shelf] });
      world.node("office", { components: [deliveries(isFixed)] });
      const it = { store, unloaded: 0 };
      for (const van of ["van-1", "van-2", "van-3"])
        world.node(van, {
          async run(node) {
            for (const { afterMs, count } of world.operations(van, 4, (draw) => ({
              afterMs: draw.integer(2000),
              count: 1 + draw.integer(50),
            }))) {
              await node.clock.sleep(afterMs);
              await node.life.client(Deliveries).unload({ count });
              it.unloaded += count;
            }
          },
        });
      return it;
    },
    async check({ store, unloaded }, world) {
      const { count } = await world.settle(store.life.client(Shelf).read({}));
      return count === unloaded || `${unloaded} were unloaded, ${count} are in stock`;
    },
  }),
});
