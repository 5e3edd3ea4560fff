import type { InvoiceMessage } from "@orrery/platform/services";
import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { readCount, readSpace } from "../spaces/space-place.ts";
import { askBilling } from "./bill-command.ts";
import { invoiceJson } from "./bill-json.ts";
import { invoicesText } from "./bill-text.ts";

interface Wish {
  readonly space: string;
  readonly most: number;
}

/** `orrery billing invoices` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => ({ space: readSpace(input, terminal), most: readCount(input, "limit") ?? 20 }),
  act: async ({ space, most }, context) => {
    const found: InvoiceMessage[] = [];
    for (let below = 0; found.length < most; below = found.at(-1)?.number ?? 0) {
      const request = { space, below, limit: Math.min(most - found.length, PAGE) };
      const { invoices } = await askBilling(context, (client, options) => client.listInvoices(request, options));
      found.push(...invoices);
      if (invoices.length < request.limit) break;
    }
    const { terminal, isJson } = context;
    await terminal.write(isJson ? `${JSON.stringify(found.map(invoiceJson))}\n` : invoicesText(found));
    return EXIT.done;
  },
};

/** Invoices that are asked for at once. */
const PAGE = 100;

/** What is done when it is typed alone. */
export const run = handlerOf(command);
