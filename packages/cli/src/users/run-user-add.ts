import { parentText, Strategy } from "@orrery/registry/service";
import { EXIT } from "../command-error.ts";
import { readPassword } from "../login/read-password.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { readAddress } from "../resources/target.ts";
import { askAccounts } from "./user-words.ts";

interface Wish {
  readonly user: string;
  /** Undefined: a secret for one login is made, or nothing where none is wanted. */
  readonly password: (() => Promise<string>) | undefined;
  readonly isBare: boolean;
}

/** `orrery user add` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => {
    const flag = "password-file";
    const read = () => readPassword(terminal, { input, flag, prompt: "Password" });
    return {
      user: readAddress(input.words[0] ?? ""),
      password: input.text(flag) === undefined ? undefined : read,
      isBare: input.has("no-password"),
    };
  },
  act: async ({ user, password: read, isBare }, { server, terminal, isJson }) => {
    const password = await read?.();
    const base = { address: parentText(user), kind: "UserBase", strategy: Strategy.ENSURE };
    await server.ask((registry, options) => registry.create(base, options));
    await server.ask((registry, options) => registry.create({ address: user, kind: "User" }, options));
    if (password !== undefined)
      await askAccounts(server, (accounts, at) => accounts.setPassword({ user, password }, at));
    const isSecret = password === undefined && !isBare;
    const { secret } = isSecret
      ? await askAccounts(server, (accounts, at) => accounts.issueSecret({ user }, at))
      : { secret: "" };
    if (isJson) await terminal.write(`${JSON.stringify({ user, ...(isSecret && { secret }) })}\n`);
    else await terminal.write(isSecret ? `${secret}\n` : `Added ${user}\n`);
    if (isSecret) terminal.say(`Added ${user}; the secret is good for one login, after which a password is set`);
    terminal.say(`Next: orrery auth grant r on '${user.split(":")[0]}:**' to ${user}`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
