import { defineComponent } from "@orrery/core";
import { Store, Till } from "./services.ts";

export const till = defineComponent(Till, () => ({
  pass({ item, pids }, context) {
    const order = { item, pids: [...pids, process.pid] };
    return context.client(Store).pass(order, { timeoutMs: 60_000 });
  },
}));
