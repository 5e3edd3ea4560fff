import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "./resource-command.ts";
import { readAddress } from "./target.ts";
import { tellWritten } from "./written.ts";

interface Wish {
  readonly address: string;
  readonly force: boolean;
  readonly options: { readonly token: string };
}

/** `orrery unlock` */
export const command: ResourceCommand<Wish> = {
  read: (input) => ({
    address: readAddress(input.words[0] ?? ""),
    force: input.has("force"),
    options: { token: input.text("token") ?? "" },
  }),
  act: async (wish, context) => {
    const { written } = await context.server.ask((registry, options) => registry.unlock(wish, options));
    await tellWritten(written, { done: "Unlocked" }, context);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
