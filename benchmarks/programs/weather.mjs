// One component, as a launcher loads it into a process of its own.
import { defineComponent, defineService, json } from "@orrery/core";

const Weather = defineService("weather", { today: { request: json(), reply: json() } });

export const weather = defineComponent(Weather, () => ({ today: async ({ place }) => ({ place, celsius: 21 }) }));
