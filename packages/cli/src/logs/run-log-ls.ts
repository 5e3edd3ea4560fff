import type { ResourceMessage } from "@orrery/registry/service";
import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { resourceJson, statusText } from "../resources/resource-form.ts";
import { pages } from "../resources/run-ls.ts";
import { readAddress } from "../resources/target.ts";
import { table } from "../table.ts";

/** `orrery log ls` */
export const command: ResourceCommand<{ readonly space: string }> = {
  read: (input) => ({ space: input.text("space") === undefined ? "*" : readAddress(input.text("space") ?? "") }),
  act: async ({ space }, { server, terminal, isJson }) => {
    const found: ResourceMessage[] = [];
    for await (const page of pages(server, `${space}:*<LogLevel>`)) found.push(...page);
    const of = (one: ResourceMessage, name: string) => String(one.properties?.[name] ?? "");
    found.sort((a, b) => (of(a, "pattern") < of(b, "pattern") ? -1 : 1));
    const rows = found.map((one) => [
      of(one, "pattern"),
      of(one, "level"),
      one.status?.state === "Ready" ? "" : statusText(one, terminal),
    ]);
    if (isJson) await terminal.write(`${JSON.stringify(found.map(resourceJson))}\n`);
    else if (rows.length === 0) terminal.say("No log levels are set: info counts everywhere");
    else await terminal.write(`${table(rows).join("\n")}\n`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
