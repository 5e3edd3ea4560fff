import { Strategy } from "@orrery/registry/service";
import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "../resources/resource-command.ts";
import { readAddress } from "../resources/target.ts";
import { untilUndisturbed } from "../resources/until-undisturbed.ts";
import { tellWritten } from "../resources/written.ts";

interface Wish {
  readonly address: string;
  readonly add: readonly string[];
  readonly drop: readonly string[];
}

/** `orrery auth role` */
export const command: ResourceCommand<Wish> = {
  read: (input) => ({ address: readAddress(input.words[0] ?? ""), add: input.texts("add"), drop: input.texts("drop") }),
  act: async (wish, context) => {
    const { server } = context;
    const made = { address: wish.address, kind: "Role", strategy: Strategy.ENSURE };
    const { written, members } = await untilUndisturbed(async () => {
      await server.ask((registry, options) => registry.create(made, options));
      return changeMembers(wish, context);
    });
    await tellWritten(written, { done: `${members.join(", ") || "Nobody"} now has the role` }, context);
    return EXIT.done;
  },
};

/** Says who has a role, if that is still what was read. */
async function changeMembers({ address, add, drop }: Wish, { server }: ResourceContext) {
  const { resource } = await server.ask((registry, options) => registry.get({ address }, options));
  const before = (resource?.properties?.["members"] ?? []) as readonly string[];
  const members = [...new Set([...before, ...add])].filter((one) => !drop.includes(one));
  const change = { address, properties: { members }, ifRevision: resource?.revision ?? 0n };
  const { written } = await server.ask((registry, options) => registry.change(change, options));
  return { written, members };
}

/** What is done when it is typed alone. */
export const run = handlerOf(command);
