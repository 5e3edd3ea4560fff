import type { CustomerMessage } from "@orrery/platform/services";
import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { table } from "../table.ts";
import { askAdmin } from "./ask-admin.ts";

/** `orrery admin customers` */
export const command: ResourceCommand<undefined> = {
  read: () => undefined,
  act: async (_, context) => {
    const found: CustomerMessage[] = [];
    for (let after: string | undefined = ""; after !== undefined; ) {
      const request: { after: string } = { after };
      const page = await askAdmin(context, (client, options) => client.listCustomers(request, options));
      found.push(...page.customers);
      after = page.next === "" ? undefined : page.next;
    }
    const { terminal, isJson } = context;
    const facts = found.map(({ email, spaces }) => ({
      email,
      spaces: spaces.map(({ space, plan, standing }) => ({ space, plan, standing })),
    }));
    if (isJson) await terminal.write(`${JSON.stringify(facts)}\n`);
    else if (facts.length === 0) terminal.say("Nobody pays for a space");
    else {
      const rows = facts.flatMap(({ email, spaces }) =>
        spaces.map((one) => [email, one.space, one.plan, one.standing]),
      );
      await terminal.write(`${table([["CUSTOMER", "SPACE", "PLAN", "STANDING"], ...rows]).join("\n")}\n`);
    }
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
