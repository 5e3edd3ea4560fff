import type { SubscriptionMessage } from "@orrery/platform/services";
import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { table } from "../table.ts";
import { askBilling } from "./bill-command.ts";
import { billJson } from "./bill-json.ts";
import { day, money } from "./bill-text.ts";

/** `orrery billing ls` */
export const command: ResourceCommand<undefined> = {
  read: () => undefined,
  act: async (_, context) => {
    const found: SubscriptionMessage[] = [];
    for (let after: string | undefined = ""; after !== undefined; ) {
      const request: { after: string } = { after };
      const page = await askBilling(context, (client, options) => client.listSubscriptions(request, options));
      found.push(...page.subscriptions);
      after = page.next === "" ? undefined : page.next;
    }
    const { terminal, isJson } = context;
    if (isJson) await terminal.write(`${JSON.stringify(found.map(billJson))}\n`);
    else if (found.length === 0) terminal.say("No space has a bill, see orrery billing subscribe --help");
    else
      await terminal.write(
        `${table([["SPACE", "STANDING", "PLAN", "UNTIL", "OPEN"], ...found.map(rowOf)]).join("\n")}\n`,
      );
    return EXIT.done;
  },
};

function rowOf({ space, standing, plan, monthUntil, open }: SubscriptionMessage): readonly string[] {
  const owed = open === undefined ? "" : `${open.id}, ${money(open.amount, open.currency)}`;
  return [space, standing, plan?.name ?? "", day(monthUntil), owed];
}

/** What is done when it is typed alone. */
export const run = handlerOf(command);
