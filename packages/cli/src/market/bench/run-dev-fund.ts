import { statSync } from "node:fs";
import { resolve } from "node:path";
import { type Account, amountsJson, createEvmNode, printAmount, readTokenBalance } from "@orrery/market";
import type { CommandInput } from "../../command.ts";
import { CommandError, EXIT, type ExitCode, typed, usageError } from "../../command-error.ts";
import type { Terminal } from "../../terminal.ts";
import { typedAmount } from "../amounts.ts";
import { findMarket } from "../market-file.ts";
import { readToken } from "../read-token.ts";
import { accountOf, findWallet } from "../wallets.ts";
import { askBench } from "./bench-client.ts";

/** Tokens that are given where nobody says how many. */
const USUAL = "1000";

/** Gives a wallet tokens of a bench, out of nothing. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const { bench, file, chain } = findMarket(input, terminal);
  if (bench === undefined) throw new CommandError(`Cannot fund a wallet: "${file}" is of a market that is no bench`);
  const [whose = "", said = USUAL] = input.words;
  const account = findAccount(whose, terminal);
  const node = createEvmNode({ url: chain.url });
  await askBench(bench, "status"); // Says whether it runs, in words that help.
  const token = await readToken(node, chain.contracts.token);
  const amount = typedAmount(said, token);
  if (amount === 0n) throw usageError(`Cannot fund ${account} by 0: write ${token.symbol}, such as 100 or 0.5`);
  await typed(() => askBench(bench, "fund", { account, amount: String(amount) }));
  const wallet = await readTokenBalance(node, { token: chain.contracts.token, account });
  const text = `${account} has ${printAmount(wallet, token)} in its wallet, and what transactions cost`;
  await terminal.write(`${input.text("output") === "json" ? amountsJson({ account, amount, wallet, token }) : text}\n`);
  return EXIT.done;
}

/** An account as it is said: by its address, by the file of its keystore, or as a wallet of this user. */
function findAccount(said: string, terminal: Terminal): Account {
  if (/^0x[0-9a-f]{40}$/i.test(said)) return said.toLowerCase() as Account;
  if (!/[./]/.test(said)) return findWallet(said, terminal).account;
  const file = resolve(terminal.cwd, said);
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size !== undefined) return accountOf(file, size);
  throw new CommandError(`Cannot fund "${said}": there is no such file of a wallet`, { exit: EXIT.notFound });
}
