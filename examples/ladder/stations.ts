import { defineComponent } from "@orrery/core";
import { Stations } from "./contracts.ts";
import { nearest } from "./nearest.ts";

export default defineComponent(Stations, () => ({ nearest }));
