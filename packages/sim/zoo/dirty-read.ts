import { defineComponent, defineService, json } from "@orrery/core";
import { house, nothing, plantBug } from "./plant.ts";

const ROOMS = 2;

const Flight = defineService("flight", {
  hold: { request: json<{ trip: string }>(), reply: nothing },
  confirm: { request: json<{ trip: string }>(), reply: nothing },
  cancel: { request: json<{ trip: string }>(), reply: nothing },
  passengers: { request: json<{ onlyConfirmed: boolean }>(), reply: json<{ trips: readonly string[] }>() },
});

const Hotel = defineService("hotel", {
  book: { request: json<{ trip: string }>(), reply: json<{ isBooked: boolean }>() },
});

const Trips = defineService("trips", {
  book: { request: json<{ trip: string }>(), reply: json<{ isBooked: boolean }>() },
});

const flight = defineComponent(Flight, () => {
  const seats = new Map<string, "held" | "confirmed">();
  return {
    async hold({ trip }) {
      seats.set(trip, "held");
      return {};
    },
    async confirm({ trip }) {
      seats.set(trip, "confirmed");
      return {};
    },
    async cancel({ trip }) {
      seats.delete(trip);
      return {};
    },
    passengers: async ({ onlyConfirmed }) => ({
      trips: [...seats].flatMap(([trip, state]) => (state === "held" && onlyConfirmed ? [] : [trip])),
    }),
  };
});

const hotel = defineComponent(Hotel, () => {
  let rooms = ROOMS;
  return { book: async () => ({ isBooked: rooms-- > 0 }) };
});

/** Books a seat and a room; without a room it gives the seat back. */
const trips = defineComponent(Trips, () => ({
  async book({ trip }, context) {
    await context.client(Flight).hold({ trip });
    const { isBooked } = await context.client(Hotel).book({ trip });
    if (isBooked) await context.client(Flight).confirm({ trip });
    else await context.client(Flight).cancel({ trip });
    return { isBooked };
  },
}));

/** A gate that prints boarding passes while trips are being booked. */
export const dirtyRead = plantBug({
  name: "dirty read of a saga",
  wrong: "a boarding pass is printed for a seat that is given back, for there was no room in the hotel",
  scenario: (isFixed) => ({
    world: house,
    setup(world) {
      const it = { passes: new Set<string>(), calledOff: new Set<string>() };
      world.node("airline", { components: [flight] });
      world.node("hotel", { components: [hotel] });
      world.node("agency", { components: [trips] });
      for (const name of ["ann", "bob"])
        world.node(name, {
          async run(node) {
            for (const { trip, afterMs } of world.operations(name, 3, (draw, index) => ({
              trip: `${name}-${index}`,
              afterMs: draw.integer(500),
            }))) {
              await node.clock.sleep(afterMs);
              const { isBooked } = await node.life.client(Trips).book({ trip });
              if (!isBooked) it.calledOff.add(trip);
            }
          },
        });
      world.node("gate", {
        async run(node) {
          for (const afterMs of world.operations("print", 5, (draw) => draw.integer(500))) {
            await node.clock.sleep(afterMs);
            const listed = await node.life.client(Flight).passengers({ onlyConfirmed: isFixed });
            for (const trip of listed.trips) it.passes.add(trip);
          }
        },
      });
      return it;
    },
    always: {
      "no trip that was called off has a boarding pass": ({ passes, calledOff }) =>
        passes.isDisjointFrom(calledOff) || "there is a boarding pass for a trip that was called off",
    },
  }),
});
