import { defineComponent, defineService, json, OrreryError, outcomeOf } from "@orrery/core";
import { house, nothing, plantBug } from "./plant.ts";

const ROOMS = 4;

/** Free rooms as a stack: the top one, and what is below each. Room 0 stands for none. */
const Rooms = defineService("rooms", {
  top: { request: nothing, reply: json<{ room: number; revision: number }>() },
  below: { request: json<{ room: number }>(), reply: json<{ room: number }>() },
  put: { request: json<{ room: number; on: number }>(), reply: nothing },
  swapTop: {
    request: json<{ from: number; to: number; revision?: number }>(),
    reply: json<{ isDone: boolean }>(),
  },
});

const Desk = defineService("desk", {
  checkIn: { request: nothing, reply: json<{ room: number }>() },
  checkOut: { request: json<{ room: number }>(), reply: nothing },
});

const rooms = defineComponent(Rooms, () => {
  const below = new Map(Array.from({ length: ROOMS }, (_, index) => [index + 1, index]));
  let top = ROOMS;
  let revision = 0;
  return {
    top: async () => ({ room: top, revision }),
    below: async ({ room }) => ({ room: below.get(room) ?? 0 }),
    async put({ room, on }) {
      below.set(room, on);
      return {};
    },
    async swapTop({ from, to, revision: seen = revision }) {
      if (from !== top || seen !== revision) return { isDone: false };
      top = to;
      revision++;
      return { isDone: true };
    },
  };
});

const desk = (isFixed: boolean) =>
  defineComponent(Desk, () => ({
    async checkIn(_request, context) {
      const free = context.client(Rooms);
      for (;;) {
        const { room, revision } = await free.top({});
        if (room === 0) throw new OrreryError("resource_exhausted", "Cannot check in: no room is free");
        const below = await free.below({ room });
        const { isDone } = await free.swapTop({ from: room, to: below.room, ...(isFixed && { revision }) });
        if (isDone) return { room };
      }
    },
    async checkOut({ room }, context) {
      const free = context.client(Rooms);
      for (;;) {
        const top = await free.top({});
        await free.put({ room, on: top.room });
        const { isDone } = await free.swapTop({ from: top.room, to: room });
        if (isDone) return {};
      }
    },
  }));

/** A hotel whose guests take the next free room by compare and swap, each by a desk of their own. */
export const aba = plantBug({
  name: "ABA",
  wrong: "the top of a free list is what it was, but not what is below it, and a taken room is free again",
  scenario: (isFixed) => ({
    world: house,
    setup(world) {
      const it = { guests: new Map<number, string>(), wrong: "" };
      world.node("hotel", { components: [rooms] });
      for (const name of ["ann", "bob", "cy"])
        world.node(name, {
          components: [desk(isFixed)],
          async run(node) {
            const checkIn = async (): Promise<number> => {
              const outcome = await outcomeOf(node.life.client(Desk).checkIn({}));
              if (outcome.kind !== "reply") return 0;
              const { room } = outcome.value;
              const other = it.guests.get(room);
              if (other !== undefined) it.wrong ||= `room ${room} of ${other} was given to ${name}`;
              it.guests.set(room, name);
              return room;
            };
            const checkOut = async (room: number) => {
              if (room === 0) return;
              it.guests.delete(room);
              await node.life.client(Desk).checkOut({ room });
            };
            for (const { afterMs, stayMs, isCouple } of world.operations(name, 4, (draw) => ({
              afterMs: draw.integer(100),
              stayMs: draw.integer(50),
              isCouple: draw.chance(0.5),
            }))) {
              await node.clock.sleep(afterMs);
              const taken = [await checkIn(), isCouple ? await checkIn() : 0];
              for (const room of taken) {
                await node.clock.sleep(stayMs);
                await checkOut(room);
              }
            }
          },
        });
      return it;
    },
    always: { "no room has two guests": ({ wrong }) => wrong === "" || wrong },
  }),
});
