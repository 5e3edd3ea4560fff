import type { CommandInput } from "../command.ts";
import { EXIT, usageError } from "../command-error.ts";
import { readPassword } from "../login/read-password.ts";
import { signIn } from "../login/sign-in.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "../resources/resource-command.ts";
import type { Terminal } from "../terminal.ts";
import { askAccounts, userOf } from "./user-words.ts";

interface Wish {
  readonly said: string | undefined;
  readonly isSecret: boolean;
  readonly ask: (flag: string, prompt: string, isNew?: boolean) => Promise<string>;
}

/** `orrery user password` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => {
    if (input.text("password-file") === "-" && input.text("old-password-file") === "-")
      throw usageError("Cannot read both passwords from standard input: name a file for one of them");
    return { said: input.words[0], isSecret: input.has("secret"), ask: asking(input, terminal) };
  },
  act: async ({ said, isSecret, ask }, context) => {
    const { server, terminal, isJson } = context;
    const user = await userOf(said, server);
    if (isSecret) {
      const { secret } = await askAccounts(server, (accounts, at) => accounts.issueSecret({ user }, at));
      await terminal.write(isJson ? `${JSON.stringify({ user, secret })}\n` : `${secret}\n`);
      terminal.say(`The secret is good for one login of ${user}, whose password and sessions are gone`);
      return EXIT.done;
    }
    const isOwn = server.agent === user && server.chosen.login?.mustSetPassword !== true;
    const oldPassword = isOwn ? await ask("old-password-file", `Password of ${user} now`) : "";
    const password = await ask("password-file", `New password of ${user}`, true);
    await askAccounts(server, (accounts, at) => accounts.setPassword({ user, password, oldPassword }, at));
    const isAnew = await again(user, password, context);
    if (isJson) await terminal.write(`${JSON.stringify({ user })}\n`);
    else await terminal.write(`Set the password of ${user}; its sessions have ended\n`);
    if (isAnew) terminal.say("You are logged in anew");
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

function asking(input: CommandInput, terminal: Terminal): Wish["ask"] {
  return (flag, prompt, isNew = false) => readPassword(terminal, { input, flag, prompt, isNew });
}

/** Whoever set his own password has lost the session that he did it in: he gets another. */
async function again(user: string, password: string, { server, terminal }: ResourceContext): Promise<boolean> {
  const { environment, address: url, login } = server.chosen;
  if (environment === undefined || login?.user !== user) return false;
  await signIn({ environment, url }, { user, password, timeoutMs: server.timeoutMs }, terminal);
  return true;
}
