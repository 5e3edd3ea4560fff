// What threads and processes of the tests serve.
import { shop } from "./shop.ts";

export const component = shop();
