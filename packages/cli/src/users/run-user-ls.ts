import type { ResourceMessage } from "@orrery/registry/service";
import { EXIT } from "../command-error.ts";
import { insideOf } from "../resources/inside-of.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { resourceJson } from "../resources/resource-form.ts";
import { pages } from "../resources/run-ls.ts";
import { readAddress } from "../resources/target.ts";

/** `orrery user ls` */
export const command: ResourceCommand<{ readonly inside: string }> = {
  read: ({ words: [text] }) => ({ inside: text === undefined ? "**" : insideOf(readAddress(text), "**") }),
  act: async ({ inside }, { server, terminal, isJson }) => {
    const found: ResourceMessage[] = [];
    for await (const page of pages(server, `${inside}<User>`)) found.push(...page);
    if (isJson) await terminal.write(`${JSON.stringify(found.map(resourceJson))}\n`);
    else if (found.length === 0) terminal.say("No users that you may see");
    else await terminal.write(found.map(({ address }) => `${address}\n`).join(""));
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
