import { existsSync } from "node:fs";
import { createKeystore } from "@orrery/market";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, usageError } from "../command-error.ts";
import { readPassword } from "../login/read-password.ts";
import type { Terminal } from "../terminal.ts";
import { WALLET_PASSWORD_LENGTH_MIN } from "./limits.ts";
import { makeWalletFolder, walletFile } from "./wallets.ts";

/** Makes a wallet. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [name = ""] = input.words;
  const file = walletFile(name, terminal);
  if (existsSync(file)) throw new CommandError(`Cannot make wallet "${name}": there is one already, in "${file}"`);
  const password = await readPassword(terminal, { input, flag: "password-file", prompt: "Password", isNew: true });
  if (password.length < WALLET_PASSWORD_LENGTH_MIN)
    throw usageError(
      `Cannot use that password: it has ${password.length} characters, at least ${WALLET_PASSWORD_LENGTH_MIN} are needed`,
    );
  makeWalletFolder(terminal);
  const { address } = await createKeystore(file, { password });
  const account = address.toLowerCase();
  await terminal.write(
    input.text("output") === "json" ? `${JSON.stringify({ name, account, file })}\n` : `${account}\n`,
  );
  terminal.say(`Made wallet ${name}, in ${file}. Who loses the file or the password loses what the account has`);
  return EXIT.done;
}
