import { defineComponent, defineService, json, OrreryError, outcomeOf } from "@orrery/core";
import { house, nothing, plantBug } from "./plant.ts";

const EVENTS_MAX = 30;

const Archive = defineService("archive", {
  save: { request: json<{ event: number }>(), reply: nothing, timeoutMs: 300 },
});

const Collector = defineService("collector", {
  add: { request: json<{ event: number }>(), reply: nothing },
});

const archive = defineComponent(Archive, () => ({ save: async () => ({}) }));

/** Takes events at once, and saves them one after the other. */
const collector = (isFixed: boolean, onWaiting: (count: number) => void) =>
  defineComponent(Collector, (instance) => {
    const waiting: number[] = [];
    let isSaving = false;
    const saveAll = async (): Promise<void> => {
      isSaving = true;
      for (let event = waiting[0]; event !== undefined; event = waiting[0]) {
        const { kind } = await outcomeOf(instance.client(Archive).save({ event }));
        if (kind === "reply") waiting.shift();
      }
      isSaving = false;
    };
    return {
      async add({ event }) {
        if (isFixed && waiting.length >= EVENTS_MAX)
          throw new OrreryError("resource_exhausted", `Cannot add event ${event}: ${EVENTS_MAX} wait, try later`);
        waiting.push(event);
        onWaiting(waiting.length);
        if (!isSaving) void saveAll();
        return {};
      },
    };
  });

/** A collector between quick machines and an archive that may stall. */
export const unboundedQueue = plantBug({
  name: "unbounded queue",
  wrong: "the archive stalls, and the collector takes in more than it has memory for",
  scenario: (isFixed) => ({
    world: house,
    faults: ["pause", "slow", "clog", "partition"],
    setup(world) {
      const it = { most: 0 };
      const onWaiting = (count: number) => {
        it.most = Math.max(it.most, count);
      };
      world.node("archive", { components: [archive] });
      world.node("collector", { components: [collector(isFixed, onWaiting)] });
      for (const machine of ["machine-1", "machine-2"])
        world.node(machine, {
          async run(node) {
            for (const { event, afterMs } of world.operations(machine, 40, (draw, index) => ({
              event: index,
              afterMs: draw.integer(30),
            }))) {
              await node.clock.sleep(afterMs);
              await outcomeOf(node.life.client(Collector).add({ event }));
            }
          },
        });
      return it;
    },
    always: { "the collector holds 30 events at most": ({ most }) => most <= EVENTS_MAX || `it holds ${most}` },
  }),
});
