import { bytes, type Code, defineComponent, defineService, OrreryError } from "@orrery/core";
import { z } from "zod";

/** A contract of schemas, with a method for everything that a call can come to. */
export const Greeter = defineService("test.greeter", {
  greet: {
    request: z.object({ name: z.string().describe("Who is greeted"), loud: z.boolean().optional() }),
    reply: z.object({ text: z.string(), pid: z.number() }),
    summary: "Greets somebody",
    idempotent: true,
  },
  count: { mode: "stream", request: z.object({ upto: z.int() }), reply: z.object({ n: z.int() }) },
  tick: { mode: "stream", request: z.object({}), reply: z.object({ n: z.int() }) },
  fail: { request: z.object({ code: z.string() }), reply: z.object({}) },
  hang: { request: z.object({}), reply: z.object({}) },
  note: { mode: "async", request: z.object({ text: z.string() }) },
  crash: { mode: "async", request: z.object({}) },
  raw: { request: bytes, reply: bytes },
});

/** Greets. */
export const greeter = defineComponent(Greeter, (instance) => ({
  greet: ({ name, loud }) => {
    instance.log.info("greeting", { name });
    const text = `Hello, ${name}!`;
    return { text: loud === true ? text.toUpperCase() : text, pid: process.pid };
  },
  async *count({ upto }) {
    for (let n = 1; n <= upto; n++) yield { n };
  },
  async *tick(_request, context) {
    for (let n = 1; ; n++) {
      yield { n };
      await context.clock.sleep(20, context.signal);
    }
  },
  fail: ({ code }) => {
    throw new OrreryError(code as Code, `Cannot do it: the test said ${code}`);
  },
  hang: () => {
    instance.log.info("hanging");
    return new Promise<never>(() => undefined);
  },
  note: () => undefined,
  crash: () => {
    process.exit(9);
  },
  raw: (sent) => sent,
}));
