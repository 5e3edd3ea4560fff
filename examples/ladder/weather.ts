import { defineComponent } from "@orrery/core";
import { Stations, Weather } from "./contracts.ts";

export default defineComponent(Weather, () => ({
  async today({ place }, context) {
    const { station, celsius } = await context.client(Stations).nearest({ place });
    return { text: `${celsius} degrees at ${station}` };
  },
}));
