export { counter } from "../counter.ts";
