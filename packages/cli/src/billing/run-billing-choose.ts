import { handlerOf } from "../resources/resource-command.ts";
import { billCommand } from "./bill-command.ts";

/** `orrery billing choose` */
export const command = billCommand<{ readonly space: string; readonly plan: string }>(
  ({ words: [plan = ""] }) => ({ plan }),
  (wish) => (client, options) => client.choosePlan(wish, options),
);

/** What is done when it is typed alone. */
export const run = handlerOf(command);
