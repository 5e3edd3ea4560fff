import { Strategy } from "@orrery/registry/service";
import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { readAddress } from "../resources/target.ts";
import { tellWritten } from "../resources/written.ts";

interface Wish {
  readonly address: string;
  readonly add: readonly string[];
  readonly drop: readonly string[];
}

/** `orrery auth role` */
export const command: ResourceCommand<Wish> = {
  read: (input) => ({ address: readAddress(input.words[0] ?? ""), add: input.texts("add"), drop: input.texts("drop") }),
  act: async ({ address, add, drop }, context) => {
    const { server } = context;
    const made = { address, kind: "Role", strategy: Strategy.ENSURE };
    await server.ask((registry, options) => registry.create(made, options));
    const { resource } = await server.ask((registry, options) => registry.get({ address }, options));
    const before = (resource?.properties?.["members"] ?? []) as readonly string[];
    const members = [...new Set([...before, ...add])].filter((one) => !drop.includes(one));
    const change = { address, properties: { members }, ifRevision: resource?.revision ?? 0n };
    const { written } = await server.ask((registry, options) => registry.change(change, options));
    await tellWritten(written, { done: `${members.join(", ") || "Nobody"} now has the role` }, context);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
