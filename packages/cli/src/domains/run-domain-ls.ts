import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { pages } from "../resources/run-ls.ts";
import { table } from "../table.ts";
import { type DomainStand, readDomainSpace, standOf } from "./domain-words.ts";

/** `orrery domain ls` */
export const command: ResourceCommand<{ readonly space: string }> = {
  read: (input, terminal) => ({ space: readDomainSpace(input, terminal) }),
  act: async ({ space }, { server, terminal, isJson }) => {
    const found: DomainStand[] = [];
    for await (const page of pages(server, `${space}:*<Domain>`)) found.push(...page.map(standOf));
    if (isJson) await terminal.write(`${JSON.stringify(found)}\n`);
    else if (found.length === 0) terminal.say(`No domains lead to ${space}`);
    else {
      const rows = found.map(({ domain, state, reason = "" }) => [domain, state, reason]);
      await terminal.write(`${table(rows, 2).join("\n")}\n`);
    }
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
