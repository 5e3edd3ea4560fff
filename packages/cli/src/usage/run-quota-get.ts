import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { readAddress } from "../resources/target.ts";
import { askQuotas, quotaJson, quotaTable } from "./ask-quotas.ts";

/** `orrery quota get` */
export const command: ResourceCommand<string> = {
  read: ({ words: [text = ""] }) => readAddress(text),
  act: async (address, { server, terminal, isJson }) => {
    const quotas = await askQuotas(server, address);
    await terminal.write(isJson ? `${JSON.stringify(quotas.map(quotaJson))}\n` : quotaTable(quotas));
    if (quotas.length === 0) terminal.say(`No quota bounds ${address}`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
