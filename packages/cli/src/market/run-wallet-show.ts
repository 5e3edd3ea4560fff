import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { findWallet } from "./wallets.ts";

/** Shows the account of a wallet. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [name = ""] = input.words;
  const wallet = findWallet(name, terminal);
  await terminal.write(input.text("output") === "json" ? `${JSON.stringify(wallet)}\n` : `${wallet.account}\n`);
  if (input.text("output") !== "json") terminal.say(`Its key is in ${wallet.file}`);
  return EXIT.done;
}
