// The same component in TypeScript, as its author writes it: Node strips the types at each start.
import { defineComponent, defineService, json } from "@orrery/core";

const Weather = defineService("weather", {
  today: { request: json<{ place: string }>(), reply: json<{ place: string; celsius: number }>() },
});

export const weather = defineComponent(Weather, () => ({ today: async ({ place }) => ({ place, celsius: 21 }) }));
