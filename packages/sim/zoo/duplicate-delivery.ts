import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { house, nothing, plantBug } from "./plant.ts";

const REDELIVER_AFTER_MS = 150;

interface Sale {
  readonly id: number;
  readonly cents: number;
}

const Queue = defineService("queue", {
  publish: { request: json<Sale>(), reply: nothing, timeoutMs: 200 },
  poll: { request: nothing, reply: json<{ sale?: Sale; left: number }>(), timeoutMs: 200 },
  acknowledge: { request: json<{ id: number }>(), reply: nothing, timeoutMs: 200 },
});

const Totals = defineService("totals", {
  add: { request: json<Sale>(), reply: nothing, timeoutMs: 200 },
});

/** Delivers each sale again and again until it is acknowledged. */
const queue = defineComponent(Queue, ({ clock }) => {
  const waiting = new Map<number, { readonly sale: Sale; fromMs: number }>();
  const published = new Set<number>();
  return {
    async publish(sale) {
      if (!published.has(sale.id)) waiting.set(sale.id, { sale, fromMs: 0 });
      published.add(sale.id);
      return {};
    },
    async poll() {
      const nowMs = clock.monotonic();
      const next = [...waiting.values()].find(({ fromMs }) => fromMs <= nowMs);
      if (next !== undefined) next.fromMs = nowMs + REDELIVER_AFTER_MS;
      return { left: waiting.size, ...(next && { sale: next.sale }) };
    },
    async acknowledge({ id }) {
      waiting.delete(id);
      return {};
    },
  };
});

const totals = (isFixed: boolean, onAdd: (cents: number) => void) =>
  defineComponent(Totals, () => {
    const seen = new Set<number>();
    return {
      async add({ id, cents }) {
        if (isFixed && seen.has(id)) return {};
        seen.add(id);
        onAdd(cents);
        return {};
      },
    };
  });

/** Sales that are delivered at least once, and added up. */
export const duplicateDelivery = plantBug({
  name: "duplicate delivery",
  wrong: "a sale whose acknowledgement is late is delivered again, and added twice",
  scenario: (isFixed) => ({
    world: house,
    faults: ["loss", "slow", "pause", "clog"],
    setup(world) {
      const it = { sold: 0, added: 0, isDone: false };
      const onAdd = (cents: number) => {
        it.added += cents;
      };
      world.node("queue", { components: [queue] });
      world.node("books", { components: [totals(isFixed, onAdd)] });
      world.node("shop", {
        async run(node) {
          for (const [id, cents] of world.operations("sale", 6, (draw) => 1 + draw.integer(500)).entries()) {
            await node.clock.sleep(30);
            it.sold += cents;
            while ((await outcomeOf(node.life.client(Queue).publish({ id, cents }))).kind !== "reply");
          }
          it.isDone = true;
        },
      });
      world.node("consumer", {
        async run(node) {
          const { client } = node.life;
          for (;;) {
            const { isDone } = it;
            const polled = await outcomeOf(client(Queue).poll({}));
            if (polled.kind !== "reply") continue;
            const { sale, left } = polled.value;
            if (left === 0 && isDone) return;
            if (sale === undefined) await node.clock.sleep(50);
            else if ((await outcomeOf(client(Totals).add(sale))).kind === "reply")
              await outcomeOf(client(Queue).acknowledge(sale));
          }
        },
      });
      return it;
    },
    check: ({ sold, added }) => added === sold || `${sold} were sold, ${added} are in the books`,
  }),
});
