import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { nothing, plantBug } from "./plant.ts";

const PATIENCE_MS = 3000;
const PAUSE_MS = 20;

const toolNamed = (name: string) =>
  defineService(name, {
    take: { request: nothing, reply: json<{ isTaken: boolean }>() },
    put: { request: nothing, reply: nothing },
  });

const Brush = toolNamed("brush");
const Pot = toolNamed("pot");
type Tool = typeof Brush;

const tool = (service: Tool) =>
  defineComponent(service, () => {
    let isFree = true;
    return {
      async take() {
        const isTaken = isFree;
        isFree = false;
        return { isTaken };
      },
      async put() {
        isFree = true;
        return {};
      },
    };
  });

const painterAt = (name: string) =>
  defineService(name, { paint: { request: nothing, reply: nothing, timeoutMs: PATIENCE_MS } });

const Left = painterAt("left");
const Right = painterAt("right");

/** Takes both tools; when the second is not to be had it puts the first back, and tries again a little later. */
const painter = (service: typeof Left, [first, second]: readonly [Tool, Tool], isFixed: boolean) =>
  defineComponent(service, () => ({
    async paint(_request, context) {
      const { clock, random, signal } = context;
      for (;;) {
        if ((await context.client(first).take({})).isTaken) {
          if ((await context.client(second).take({})).isTaken) break;
          await context.client(first).put({});
        }
        await clock.sleep(isFixed ? random.integer(2 * PAUSE_MS) : PAUSE_MS, signal);
      }
      await Promise.all([context.client(first).put({}), context.client(second).put({})]);
      return {};
    },
  }));

/** Two painters, one brush and one pot. */
export const livelock = plantBug({
  name: "livelock",
  wrong: "two painters each take one tool, miss the other, put it back and try again, for ever in step",
  scenario: (isFixed) => ({
    world: { link: { latency: 2 } },
    setup(world) {
      const it = { wrong: "" };
      world.node("shelf", { components: [tool(Brush), tool(Pot)] });
      world.node("hall-1", { components: [painter(Left, [Brush, Pot], isFixed)] });
      world.node("hall-2", { components: [painter(Right, [Pot, Brush], isFixed)] });
      for (const [name, service] of [
        ["client-1", Left],
        ["client-2", Right],
      ] as const)
        world.node(name, {
          async run(node) {
            for (const afterMs of world.operations(name, 3, (draw) => draw.integer(200))) {
              await node.clock.sleep(afterMs);
              const { kind } = await outcomeOf(node.life.client(service).paint({}));
              if (kind !== "reply") it.wrong ||= `${name} waited in vain: ${kind}`;
            }
          },
        });
      return it;
    },
    always: { "every wall is painted within three seconds": ({ wrong }) => wrong === "" || wrong },
  }),
});
