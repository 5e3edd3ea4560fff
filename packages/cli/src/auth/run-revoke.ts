import { CommandError, EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "../resources/resource-command.ts";
import { untilUndisturbed } from "../resources/until-undisturbed.ts";
import { tellWritten } from "../resources/written.ts";
import { type GrantWords, readGrantWords } from "./grant-words.ts";
import { grantAt } from "./run-grant.ts";

/** `orrery auth revoke` */
export const command: ResourceCommand<GrantWords> = {
  read: readGrantWords,
  act: async (wish, context) => {
    const { written, taken } = await untilUndisturbed(() => takeVerbs(wish, context));
    await tellWritten(written, { done: `Revoked ${taken} on ${wish.on} from ${wish.to} by` }, context);
    return EXIT.done;
  },
};

/** Takes from what is granted, if that is still what was read. */
async function takeVerbs({ address, on, to, verbs: less }: GrantWords, { server }: ResourceContext) {
  const { verbs: before, revision: ifRevision } = await grantAt(address, server);
  const taken = [...less].filter((letter) => before.includes(letter)).join("");
  if (taken === "")
    throw new CommandError(`Cannot revoke ${less} on "${on}" from "${to}": no grant says that`, {
      exit: EXIT.notFound,
      tip: `orrery auth ls ${address.split(":")[0]}`,
    });
  const verbs = [...before].filter((letter) => !taken.includes(letter)).join("");
  const change = { address, properties: { verbs }, ifRevision };
  const { written } =
    verbs === ""
      ? await server.ask((registry, options) => registry.remove({ address, ifRevision }, options))
      : await server.ask((registry, options) => registry.change(change, options));
  return { written, taken };
}

/** What is done when it is typed alone. */
export const run = handlerOf(command);
