import { defineService } from "@orrery/core";
import * as z from "zod";

export const Stations = defineService("stations", {
  nearest: { request: z.object({ place: z.string() }), reply: z.object({ station: z.string(), celsius: z.number() }) },
});

export const Weather = defineService("weather", {
  today: { request: z.object({ place: z.string() }), reply: z.object({ text: z.string() }) },
});
