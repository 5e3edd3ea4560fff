import { defineComponent, defineService, json } from "@orrery/core";

/** Tells the time of its node. */
export const Clock = defineService("test.clock", {
  now: { request: json<object>(), reply: json<{ timeMs: number }>(), summary: "Tells the time." },
});

/** One clock. */
export const clock = defineComponent(Clock, () => ({
  now: (_request, context) => ({ timeMs: context.clock.now() }),
}));
