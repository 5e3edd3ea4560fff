import type { ResourceMessage } from "@orrery/registry/service";
import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { pages } from "../resources/run-ls.ts";
import { table } from "../table.ts";

/** `orrery admin spaces` */
export const command: ResourceCommand<undefined> = {
  read: () => undefined,
  act: async (_, { server, terminal, isJson }) => {
    const found: ResourceMessage[] = [];
    for await (const page of pages(server, "*<Space>")) found.push(...page);
    const facts = found.map(({ address, owner, properties = {}, revision }) => ({
      ...{ space: address, title: text(properties, "title"), owner, suspended: text(properties, "suspended") },
      revision: Number(revision),
    }));
    if (isJson) await terminal.write(`${JSON.stringify(facts)}\n`);
    else if (facts.length === 0) terminal.say("There are no spaces");
    else {
      const rows = facts.map(({ space, owner, suspended, title }) => [space, owner, suspended || "served", title]);
      await terminal.write(`${table([["SPACE", "OWNER", "STATUS", "TITLE"], ...rows]).join("\n")}\n`);
    }
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

function text(properties: object, name: string): string {
  const value = (properties as Readonly<Record<string, unknown>>)[name];
  return typeof value === "string" ? value : "";
}
