import { isOrreryError } from "@orrery/core";
import { parseVerbs, printVerbs } from "@orrery/registry/service";
import { CommandError, EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "../resources/resource-command.ts";
import { untilUndisturbed } from "../resources/until-undisturbed.ts";
import { tellWritten } from "../resources/written.ts";
import { type GrantWords, readGrantWords } from "./grant-words.ts";

/** `orrery auth grant` */
export const command: ResourceCommand<GrantWords> = {
  read: readGrantWords,
  act: async (wish, context) => {
    const { written, verbs } = await untilUndisturbed(() => addVerbs(wish, context));
    await tellWritten(written, { done: `Granted ${verbs} on ${wish.on} to ${wish.to} by` }, context);
    return EXIT.done;
  },
};

/** Adds to what is granted, if that is still what was read. */
async function addVerbs({ address, to, on, verbs: more }: GrantWords, { server }: ResourceContext) {
  const before = await grantAt(address, server);
  const verbs = printVerbs(parseVerbs(before.verbs + more));
  const made = { address, kind: "Grant", properties: { to, on, verbs } };
  const change = { address, properties: { verbs }, ifRevision: before.revision };
  const { written } =
    before.revision === 0n
      ? await server.ask((registry, options) => registry.create(made, options))
      : await server.ask((registry, options) => registry.change(change, options));
  return { written, verbs };
}

/** What is done when it is typed alone. */
export const run = handlerOf(command);

/** What a grant says now; none of it at revision 0 where there is none. */
export async function grantAt(
  address: string,
  server: ResourceContext["server"],
): Promise<{ readonly verbs: string; readonly revision: bigint }> {
  try {
    const { resource } = await server.ask((registry, options) => registry.get({ address }, options));
    return { verbs: String(resource?.properties?.["verbs"] ?? ""), revision: resource?.revision ?? 0n };
  } catch (error) {
    if (error instanceof CommandError && isOrreryError(error.cause) && error.cause.code === "not_found")
      return { verbs: "", revision: 0n };
    throw error;
  }
}
