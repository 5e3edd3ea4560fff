import { CommandError, EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { tellWritten } from "../resources/written.ts";
import { type GrantWords, readGrantWords } from "./grant-words.ts";
import { verbsOf } from "./run-grant.ts";

/** `orrery auth revoke` */
export const command: ResourceCommand<GrantWords> = {
  read: readGrantWords,
  act: async (wish, context) => {
    const before = await verbsOf(wish, context);
    const taken = [...wish.verbs].filter((letter) => before.includes(letter)).join("");
    const { address, on, to } = wish;
    if (taken === "")
      throw new CommandError(`Cannot revoke ${wish.verbs} on "${on}" from "${to}": no grant says that`, {
        exit: EXIT.notFound,
        tip: `orrery auth ls ${address.split(":")[0]}`,
      });
    const verbs = [...before].filter((letter) => !taken.includes(letter)).join("");
    const { written } =
      verbs === ""
        ? await context.server.ask((registry, options) => registry.remove({ address }, options))
        : await context.server.ask((registry, options) => registry.change({ address, properties: { verbs } }, options));
    await tellWritten(written, { done: `Revoked ${taken} on ${on} from ${to} by` }, context);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
