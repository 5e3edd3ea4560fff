import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { type DomainWish, readDomain } from "./domain-words.ts";

/** `orrery domain rm` */
export const command: ResourceCommand<DomainWish> = {
  read: readDomain,
  act: async ({ address, space, domain }, { server, terminal, isJson }) => {
    await server.ask((registry, options) => registry.remove({ address }, options));
    await terminal.write(isJson ? `${JSON.stringify({ space, domain })}\n` : `${domain} leads to ${space} no more\n`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
