import { nearest } from "./nearest.ts";

console.log(nearest({ place: "Oslo" }));
