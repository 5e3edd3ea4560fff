import { defineComponent } from "@orrery/core";
import { Clerk, Door } from "./services.ts";

export const door = defineComponent(Door, () => ({
  pass({ item, pids }, context) {
    const order = { item, pids: [...pids, process.pid] };
    return context.client(Clerk).pass(order, { timeoutMs: 60_000 });
  },
}));
