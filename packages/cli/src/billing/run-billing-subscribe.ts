import { handlerOf } from "../resources/resource-command.ts";
import { billCommand } from "./bill-command.ts";

/** `orrery billing subscribe` */
export const command = billCommand<{ readonly space: string; readonly email: string; readonly plan: string }>(
  ({ words: [email = "", plan = ""] }) => ({ email, plan }),
  (wish) => (client, options) => client.subscribe(wish, options),
);

/** What is done when it is typed alone. */
export const run = handlerOf(command);
