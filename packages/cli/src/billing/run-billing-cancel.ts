import { handlerOf } from "../resources/resource-command.ts";
import { billCommand } from "./bill-command.ts";

/** `orrery billing cancel` */
export const command = billCommand<{ readonly space: string; readonly now: boolean }>(
  (input) => ({ now: input.has("now") }),
  (wish) => (client, options) => client.cancel(wish, options),
);

/** What is done when it is typed alone. */
export const run = handlerOf(command);
