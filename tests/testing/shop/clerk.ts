import { defineComponent } from "@orrery/core";
import { Clerk, Till } from "./services.ts";

export const clerk = defineComponent(Clerk, () => ({
  pass({ item, pids }, context) {
    const order = { item, pids: [...pids, process.pid] };
    return context.client(Till).pass(order, { timeoutMs: 60_000 });
  },
}));
