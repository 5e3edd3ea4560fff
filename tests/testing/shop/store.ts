import { defineComponent } from "@orrery/core";
import { Store } from "./services.ts";

export const store = defineComponent(Store, () => ({
  pass: ({ item, pids }) => ({ item, pids: [...pids, process.pid] }),
}));
