import { type CommandError, EXIT, usageError } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { readAddress } from "../resources/target.ts";
import { tellWritten } from "../resources/written.ts";

/** `orrery user rm` */
export const command: ResourceCommand<{ readonly address: string }> = {
  read: (input) => ({ address: readAddress(input.words[0] ?? "") }),
  act: async ({ address }, context) => {
    const { resource } = await context.server.ask((registry, options) => registry.get({ address }, options));
    if (resource?.kind !== "User") throw noUser(address, resource?.kind ?? "");
    const wish = { address, recursive: true, ifRevision: resource.revision };
    const { written } = await context.server.ask((registry, options) => registry.remove(wish, options));
    await tellWritten(written, { done: "Removed, with its sessions and tokens," }, context);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

function noUser(address: string, kind: string): CommandError {
  return usageError(`Cannot remove user "${address}": it is no User but a ${kind}`, `orrery rm ${address}`);
}
