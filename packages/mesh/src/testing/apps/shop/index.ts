export { asker } from "../asker.ts";
