import { defineComponent, defineService, json } from "@orrery/core";
import { house, nothing, plantBug } from "./plant.ts";

const CALLS_MAX = 5;
const WINDOW_MS = 1000;

const Gate = defineService("gate", {
  enter: { request: nothing, reply: json<{ isLetIn: boolean }>() },
});

/** Lets in so many calls in any second. */
const gate = (isFixed: boolean, onLetIn: () => void) =>
  defineComponent(Gate, ({ clock }) => {
    let times: readonly number[] = [];
    return {
      async enter() {
        const nowMs = isFixed ? clock.monotonic() : clock.now();
        times = times.filter((atMs) => atMs > nowMs - WINDOW_MS);
        if (times.length >= CALLS_MAX) return { isLetIn: false };
        times = [...times, nowMs];
        onLetIn();
        return { isLetIn: true };
      },
    };
  });

/** A rate limiter. */
export const wallClockLimit = plantBug({
  name: "wall clock used for measuring",
  wrong: "the wall clock of a rate limiter is set, and twice as many calls get in as may",
  scenario: (isFixed) => ({
    world: house,
    faults: ["jump"],
    setup(world) {
      const it = { times: [] as number[], wrong: "" };
      const onLetIn = () => {
        it.times = [...it.times.filter((atMs) => atMs > world.elapsedMs - WINDOW_MS), world.elapsedMs];
        if (it.times.length > CALLS_MAX) it.wrong ||= `${it.times.length} calls were let in within a second`;
      };
      world.node("gate", { components: [gate(isFixed, onLetIn)] });
      for (const name of ["caller-1", "caller-2"])
        world.node(name, {
          async run(node) {
            for (const afterMs of world.operations(name, 15, (draw) => draw.integer(150))) {
              await node.clock.sleep(afterMs);
              await node.life.client(Gate).enter({});
            }
          },
        });
      return it;
    },
    always: { "five calls a second are let in at most": ({ wrong }) => wrong === "" || wrong },
  }),
});
