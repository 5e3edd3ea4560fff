import { EXIT, usageError } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { readAge } from "./read-age.ts";
import { askAccounts, userOf } from "./user-words.ts";

interface Wish {
  readonly said: string | undefined;
  readonly name: string;
  readonly scopes: readonly { readonly verbs: string; readonly on: string }[];
  readonly untilMs: bigint;
}

/** `orrery token add` */
export const command: ResourceCommand<Wish> = {
  read: (input) => {
    const scopes = input.texts("scope").map(readScope);
    if (scopes.length === 0)
      throw usageError("Cannot make a token that may do nothing: give it a scope", "--scope='r on demo.test:files:**'");
    const ttl = input.text("ttl");
    const untilMs = ttl === undefined ? 0n : BigInt(Date.now() + readAge(ttl, "ttl"));
    return { said: input.text("user"), name: input.words[0] ?? "", scopes, untilMs };
  },
  act: async ({ said, ...wish }, { server, terminal, isJson }) => {
    const user = await userOf(said, server);
    const { token, agent } = await askAccounts(server, (accounts, at) =>
      accounts.createToken({ ...wish, scopes: [...wish.scopes], user }, at),
    );
    await terminal.write(isJson ? `${JSON.stringify({ agent, token })}\n` : `${token}\n`);
    terminal.say(`A program that has this in ORRERY_TOKEN acts as ${agent}; it is shown this once`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

function readScope(text: string) {
  const [, verbs, on] = /^(\S+) +on +(\S+)$/.exec(text.trim()) ?? [];
  if (verbs !== undefined && on !== undefined) return { verbs, on };
  throw usageError(`Cannot read scope "${text}": write verbs and a selector, such as 'r on demo.test:files:**'`);
}
