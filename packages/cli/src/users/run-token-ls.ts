import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { table } from "../table.ts";
import { askAccounts, userOf } from "./user-words.ts";

/** `orrery token ls` */
export const command: ResourceCommand<{ readonly said: string | undefined }> = {
  read: (input) => ({ said: input.text("user") }),
  act: async ({ said }, { server, terminal, isJson }) => {
    const user = await userOf(said, server);
    const { tokens } = await askAccounts(server, (accounts, at) => accounts.listTokens({ user }, at));
    const told = tokens.map(({ name, scopes, untilMs, usedMs }) => ({
      name,
      scopes: scopes.map(({ verbs, on }) => `${verbs} on ${on}`),
      until: Number(untilMs),
      used: Number(usedMs),
    }));
    if (isJson) {
      await terminal.write(`${JSON.stringify({ user, tokens: told })}\n`);
      return EXIT.done;
    }
    const rows = told.map(({ name, scopes, until, used }) => [
      name,
      scopes.join(", "),
      until === 0 ? "it is revoked" : new Date(until).toISOString(),
      used === 0 ? "never" : new Date(used).toISOString(),
    ]);
    if (rows.length === 0) terminal.say(`${user} has no tokens`);
    else await terminal.write(`${table([["NAME", "SCOPES", "UNTIL", "USED"], ...rows]).join("\n")}\n`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
