import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { readSpace } from "../spaces/space-place.ts";
import { askBilling, showBill } from "./bill-command.ts";
import { billJson } from "./bill-json.ts";
import { money } from "./bill-text.ts";

/** `orrery billing get` */
export const command: ResourceCommand<{ readonly space: string }> = {
  read: (input, terminal) => ({ space: readSpace(input, terminal) }),
  act: async (wish, context) => {
    const { terminal, isJson } = context;
    const bill = await askBilling(context, (client, options) => client.getSubscription(wish, options));
    const { lines, amount, currency } = await askBilling(context, (client, options) => client.preview(wish, options));
    if (isJson) {
      const soFar = {
        amount: Number(amount),
        lines: lines.map((line) => ({ text: line.text, amount: Number(line.amount) })),
      };
      await terminal.write(`${JSON.stringify({ ...billJson(bill), soFar })}\n`);
      return EXIT.done;
    }
    await showBill(bill, context);
    for (const { text, amount: each } of lines) terminal.say(`So far: ${money(each, currency)} for ${text}`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
