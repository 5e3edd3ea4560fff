import { z } from "zod";
import { defineService } from "../contract-schema.ts";
import { json } from "../json-body.ts";

/** A service with a method of each mode, for tests. */
export const Shop = defineService("shop", {
  buy: {
    request: z.object({ item: z.string(), count: z.number().optional() }),
    reply: z.object({ total: z.number() }),
  },
  note: { mode: "async", request: json<{ text: string }>() },
  watch: { mode: "stream", request: json<{ upTo: number }>(), reply: json<{ at: number }>() },
  close: { mode: "broadcast", request: json<{ why: string }>() },
});

/** A service of one method whose request and reply may be any JSON. */
export const Any = defineService("any", { call: { request: json<unknown>(), reply: json<unknown>() } });

/** Makes a service like `Any` by another name. */
export function anyService(name: string) {
  return defineService(name, { call: { request: json<unknown>(), reply: json<unknown>() } });
}
