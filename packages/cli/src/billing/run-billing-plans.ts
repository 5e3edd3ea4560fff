import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { askBilling } from "./bill-command.ts";
import { planJson } from "./bill-json.ts";
import { plansText } from "./bill-text.ts";

/** `orrery billing plans` */
export const command: ResourceCommand<undefined> = {
  read: () => undefined,
  act: async (_, context) => {
    const { plans } = await askBilling(context, (client, options) => client.listPlans({}, options));
    await context.terminal.write(context.isJson ? `${JSON.stringify(plans.map(planJson))}\n` : plansText(plans));
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
