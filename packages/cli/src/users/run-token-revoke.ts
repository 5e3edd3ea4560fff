import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { askAccounts, userOf } from "./user-words.ts";

/** `orrery token revoke` */
export const command: ResourceCommand<{ readonly said: string | undefined; readonly name: string }> = {
  read: (input) => ({ said: input.text("user"), name: input.words[0] ?? "" }),
  act: async ({ said, name }, { server, terminal, isJson }) => {
    const user = await userOf(said, server);
    await askAccounts(server, (accounts, at) => accounts.revokeToken({ user, name }, at));
    await terminal.write(isJson ? `${JSON.stringify({ user, name })}\n` : `Revoked token ${name} of ${user}\n`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
