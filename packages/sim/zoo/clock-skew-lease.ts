import { type Clock, defineComponent, defineService, json } from "@orrery/core";
import { house, plantBug } from "./plant.ts";

const LEASE_MS = 400;

const Turns = defineService("turns", {
  /** Turn 0 means that it is another one's. */
  acquire: { request: json<{ who: string }>(), reply: json<{ turn: number; untilMs: number; forMs: number }>() },
});

/** What the lease is measured by. */
const timeOf = (clock: Clock, isFixed: boolean) => (isFixed ? clock.monotonic() : clock.now());

const turns = (isFixed: boolean) =>
  defineComponent(Turns, ({ clock }) => {
    let turn = 0;
    let untilMs = Number.NEGATIVE_INFINITY;
    return {
      async acquire() {
        const nowMs = timeOf(clock, isFixed);
        if (nowMs < untilMs) return { turn: 0, untilMs: 0, forMs: 0 };
        untilMs = nowMs + LEASE_MS;
        return { turn: ++turn, untilMs, forMs: LEASE_MS };
      },
    };
  });

/** Two workers that take turns: while one has its lease, it prints labels. */
export const clockSkewLease = plantBug({
  name: "clock-skew lease",
  wrong: "a lease ends by the wall clock, and the clocks of its giver and its holder differ",
  scenario: (isFixed) => ({
    world: house,
    faults: ["jump", "pause"],
    setup(world) {
      const it = { turn: 0, wrong: "" };
      const print = (turn: number) => {
        if (turn < it.turn) it.wrong ||= `turn ${turn} prints while turn ${it.turn} has begun`;
        it.turn = turn;
      };
      world.node("turns", { components: [turns(isFixed)] });
      for (const who of ["left", "right"])
        world.node(who, {
          async run(node) {
            for (const labels of world.operations(who, 4, (draw) => draw.integer(10))) {
              const askedMs = timeOf(node.clock, isFixed);
              const { turn, untilMs, forMs } = await node.life.client(Turns).acquire({ who });
              const endMs = isFixed ? askedMs + forMs : untilMs;
              for (let left = turn === 0 ? 0 : labels; left > 0; left--) {
                if (timeOf(node.clock, isFixed) >= endMs) break;
                print(turn);
                await node.clock.sleep(50);
              }
              await node.clock.sleep(100);
            }
          },
        });
      return it;
    },
    always: { "one prints at a time": ({ wrong }) => wrong === "" || wrong },
  }),
});
