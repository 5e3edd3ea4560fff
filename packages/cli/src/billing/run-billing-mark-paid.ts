import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { askBilling, showBill } from "./bill-command.ts";

/** `orrery billing mark-paid` */
export const command: ResourceCommand<{ readonly invoice: string }> = {
  read: ({ words: [invoice = ""] }) => ({ invoice }),
  act: async (wish, context) => {
    await showBill(await askBilling(context, (client, options) => client.markPaid(wish, options)), context);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
