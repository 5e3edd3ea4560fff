import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { awaitLook, type DomainWish, readDomain } from "./domain-words.ts";

/** `orrery domain verify` */
export const command: ResourceCommand<DomainWish> = {
  read: readDomain,
  act: async ({ address, space, domain }, { server, terminal, isJson }) => {
    const { resource } = await server.ask((registry, options) => registry.get({ address }, options));
    const before = Number(resource?.properties?.["look"] ?? 0);
    const look = Number.isSafeInteger(before) ? before + 1 : 1;
    const properties = { look };
    await server.ask((registry, options) => registry.change({ address, properties }, options));
    const stand = await awaitLook(address, look, server);
    const isReady = stand.state === "Ready";
    if (isJson) await terminal.write(`${JSON.stringify(stand)}\n`);
    else if (isReady) await terminal.write(`${domain} leads to ${space}\n`);
    else terminal.say(`Not yet: ${stand.reason ?? stand.state}`);
    return isReady ? EXIT.done : EXIT.failed;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
