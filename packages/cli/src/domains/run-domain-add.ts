import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { awaitLook, type DomainWish, readDomain } from "./domain-words.ts";

/** `orrery domain add` */
export const command: ResourceCommand<DomainWish> = {
  read: readDomain,
  act: async ({ address, space, domain }, { server, terminal, isJson }) => {
    await server.ask((registry, options) => registry.create({ address, kind: "Domain" }, options));
    const stand = await awaitLook(address, undefined, server);
    if (isJson) await terminal.write(`${JSON.stringify(stand)}\n`);
    else if (stand.state === "Panic") await terminal.write(`${stand.reason ?? stand.state}\n`);
    else {
      await terminal.write(`${stand.record} TXT "${stand.text}"\n`);
      terminal.say(`Set that record in the DNS of ${domain}, and have ${domain} lead to this platform`);
      terminal.say(`Next: orrery domain verify ${domain} --space=${space}`);
    }
    return stand.state === "Panic" ? EXIT.failed : EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
