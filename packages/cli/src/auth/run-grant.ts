import { isOrreryError } from "@orrery/core";
import { Strategy } from "@orrery/registry/service";
import { CommandError, EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "../resources/resource-command.ts";
import { tellWritten } from "../resources/written.ts";
import { type GrantWords, readGrantWords } from "./grant-words.ts";

/** `orrery auth grant` */
export const command: ResourceCommand<GrantWords> = {
  read: readGrantWords,
  act: async (wish, context) => {
    const before = await verbsOf(wish, context);
    const verbs = [..."csdrwx"].filter((letter) => (before + wish.verbs).includes(letter)).join("");
    const properties = { to: wish.to, on: wish.on, verbs };
    const request = { address: wish.address, kind: "Grant", properties, strategy: Strategy.UPDATE };
    const { written } = await context.server.ask((registry, options) => registry.create(request, options));
    await tellWritten(written, { done: `Granted ${verbs} on ${wish.on} to ${wish.to} by` }, context);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

/** The verbs of a grant that is there; none where there is none. */
export async function verbsOf({ address }: GrantWords, { server }: ResourceContext): Promise<string> {
  try {
    const { resource } = await server.ask((registry, options) => registry.get({ address }, options));
    return String(resource?.properties?.["verbs"] ?? "");
  } catch (error) {
    if (error instanceof CommandError && isOrreryError(error.cause) && error.cause.code === "not_found") return "";
    throw error;
  }
}
