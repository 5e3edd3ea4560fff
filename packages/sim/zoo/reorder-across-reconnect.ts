import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { house, nothing, plantBug } from "./plant.ts";

const Tracking = defineService("tracking", {
  report: { request: json<{ stop: number }>(), reply: nothing, timeoutMs: 150 },
});

const tracking = (isFixed: boolean, onShow: (stop: number) => void) =>
  defineComponent(Tracking, () => {
    let shown = 0;
    return {
      async report({ stop }) {
        if (isFixed && stop < shown) return {};
        shown = stop;
        onShow(shown);
        return {};
      },
    };
  });

/** A courier's phone that sends later what it could not send while it had no connection. */
export const reorderAcrossReconnect = plantBug({
  name: "reorder across reconnect",
  wrong: "after a reconnect an old position is sent behind a new one, and overwrites it",
  scenario: (isFixed) => ({
    world: house,
    faults: ["partition", "clog", "loss"],
    setup(world) {
      const it = { highest: 0, wrong: "" };
      const onShow = (stop: number) => {
        if (stop < it.highest) it.wrong ||= `the parcel went from stop ${it.highest} back to ${stop}`;
        it.highest = Math.max(it.highest, stop);
      };
      world.node("tracking", { components: [tracking(isFixed, onShow)] });
      world.node("phone", {
        async run(node) {
          const report = (stop: number) => outcomeOf(node.life.client(Tracking).report({ stop }));
          const unsent: number[] = [];
          for (const [index, afterMs] of world.operations("stop", 10, (draw) => draw.integer(300)).entries()) {
            await node.clock.sleep(afterMs);
            const { kind } = await report(index + 1);
            if (kind !== "reply") unsent.push(index + 1);
            else for (const stop of unsent.splice(0)) await report(stop);
          }
        },
      });
      return it;
    },
    always: { "a parcel never goes back": ({ wrong }) => wrong === "" || wrong },
  }),
});
