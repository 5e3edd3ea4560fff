import type { Client } from "@orrery/core";
import { BillingService, type SubscriptionMessage } from "@orrery/platform/services";
import type { CommandInput } from "../command.ts";
import { EXIT } from "../command-error.ts";
import type { ResourceCommand, ResourceContext } from "../resources/resource-command.ts";
import { asked, readSpace } from "../spaces/space-place.ts";
import { billJson } from "./bill-json.ts";
import { billText } from "./bill-text.ts";

/** What asks about bills. */
export type BillingClient = Client<typeof BillingService>;

/** What is asked of a client, within the time of the command. */
export type BillingQuestion<T> = (client: BillingClient, options: { readonly timeoutMs: number }) => Promise<T>;

/** Asks about bills. */
export function askBilling<T>({ server }: Pick<ResourceContext, "server">, question: BillingQuestion<T>): Promise<T> {
  const { timeoutMs } = server;
  return asked(server, () => question(server.node.client(BillingService), { timeoutMs }));
}

/** A command that does something with the bill of a space, and shows how it stands then. */
export function billCommand<Wish extends { readonly space: string }>(
  wishOf: (input: CommandInput) => Omit<Wish, "space">,
  ask: (wish: Wish) => BillingQuestion<SubscriptionMessage>,
): ResourceCommand<Wish> {
  return {
    read: (input, terminal) => ({ space: readSpace(input, terminal), ...wishOf(input) }) as Wish,
    act: async (wish, context) => {
      await showBill(await askBilling(context, ask(wish)), context);
      return EXIT.done;
    },
  };
}

/** Shows how a space stands, and what to do next where something is open. */
export async function showBill(bill: SubscriptionMessage, { terminal, isJson }: ResourceContext): Promise<void> {
  await terminal.write(isJson ? `${JSON.stringify(billJson(bill))}\n` : billText(bill));
  if (isJson || bill.open === undefined) return;
  terminal.say(`Next: orrery billing method --space=${bill.space}, then orrery billing pay --space=${bill.space}`);
}
