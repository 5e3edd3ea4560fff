import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { listWallets } from "./wallets.ts";

/** Lists wallets. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const wallets = listWallets(terminal);
  if (input.text("output") === "json") await terminal.write(`${JSON.stringify(wallets)}\n`);
  else if (wallets.length === 0) terminal.say("There are no wallets. Try: orrery wallet new NAME");
  else {
    const rows = wallets.map(({ name, account, file }) => [name, account, file]);
    await terminal.write(`${table([["NAME", "ACCOUNT", "FILE"], ...rows]).join("\n")}\n`);
  }
  return EXIT.done;
}
