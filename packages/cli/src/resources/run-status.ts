import { CommandError, EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "./resource-command.ts";
import { statusJson, statusText } from "./resource-form.ts";
import { readAddress } from "./target.ts";

/** `orrery status` */
export const command: ResourceCommand<{ readonly address: string }> = {
  read: ({ words: [text = ""] }) => ({ address: readAddress(text) }),
  act: async ({ address }, { server, terminal, isJson }) => {
    const { resource } = await server.ask((registry, options) => registry.get({ address }, options));
    if (resource === undefined) throw new CommandError(`Cannot read "${address}": the server told nothing of it`);
    const facts = { address, kind: resource.kind, ...statusJson(resource) };
    const isGoing = resource.status?.state === "Destroying";
    const waits = !isGoing || resource.finalizers.length === 0 ? "" : `, waits for ${resource.finalizers.join(", ")}`;
    await terminal.write(isJson ? `${JSON.stringify(facts)}\n` : `${statusText(resource, terminal)}${waits}\n`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
