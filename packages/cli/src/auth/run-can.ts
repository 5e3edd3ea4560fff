import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { readAddress } from "../resources/target.ts";

interface Wish {
  readonly agent: string;
  readonly verb: string;
  readonly address: string;
}

/** `orrery auth can` */
export const command: ResourceCommand<Wish> = {
  read: ({ words: [agent = "", verb = "", text = ""] }) => ({
    agent,
    verb,
    address: text === "" ? "" : readAddress(text),
  }),
  act: async (wish, { server, terminal, isJson }) => {
    const { allowed, rule, why } = await server.ask((registry, options) => registry.can(wish, options));
    await terminal.write(
      isJson ? `${JSON.stringify({ allowed, rule, why })}\n` : `${allowed ? "yes" : "no"}: ${why}\n`,
    );
    return allowed ? EXIT.done : EXIT.refused;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
