import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { readSpace } from "../spaces/space-place.ts";
import { askBilling } from "./bill-command.ts";

interface Wish {
  readonly space: string;
  readonly returnTo: string;
}

/** `orrery billing method` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => ({ space: readSpace(input, terminal), returnTo: input.text("return-to") ?? "" }),
  act: async (wish, context) => {
    const { terminal, isJson } = context;
    const { url, hasMethod } = await askBilling(context, (client, options) => client.paymentPage(wish, options));
    if (isJson) await terminal.write(`${JSON.stringify({ ...(url !== "" && { url }), hasMethod })}\n`);
    else if (url !== "") await terminal.write(`${url}\n`);
    if (!isJson && url === "") terminal.say("No page is needed: an operator says what is paid");
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
