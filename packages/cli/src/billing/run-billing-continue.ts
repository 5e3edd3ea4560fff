import { handlerOf } from "../resources/resource-command.ts";
import { billCommand } from "./bill-command.ts";

/** `orrery billing continue` */
export const command = billCommand<{ readonly space: string }>(
  () => ({}),
  (wish) => (client, options) => client.continue(wish, options),
);

/** What is done when it is typed alone. */
export const run = handlerOf(command);
