import { statSync } from "node:fs";
import { resolve } from "node:path";
import { openKeystore } from "@orrery/market";
import type { CommandInput } from "../command.ts";
import { readPassword } from "../login/read-password.ts";
import type { Terminal } from "../terminal.ts";
import type { FoundMarket } from "./market-file.ts";
import { readFirstLine } from "./read-first-line.ts";
import { accountOf, findWallet, onlyWallet, type Wallet } from "./wallets.ts";

/** The wallet that is named by --wallet or ORRERY_WALLET; undefined where none is. */
export function namedWallet(input: CommandInput, terminal: Terminal): Wallet | undefined {
  const said = input.text("wallet") ?? terminal.env["ORRERY_WALLET"];
  return said === undefined ? undefined : findWallet(said, terminal);
}

/** The wallet that a market file names, with the file of its password; undefined where it names none. */
export function marketWallet(
  market: FoundMarket | undefined,
): (Pick<Wallet, "file" | "account"> & { readonly passwordFile: string }) | undefined {
  if (market?.wallet === undefined) return undefined;
  const file = resolve(market.folder, market.wallet.keystore);
  const account = accountOf(file, statSync(file, { throwIfNoEntry: false })?.size ?? 0);
  return { file, account, passwordFile: resolve(market.folder, market.wallet.passwordFile) };
}

/** Opens the wallet that is named, else that of the market, else the only one of this user. */
export async function openWallet(
  market: FoundMarket | undefined,
  input: CommandInput,
  terminal: Terminal,
): ReturnType<typeof openKeystore> {
  const named = namedWallet(input, terminal);
  const own = named === undefined ? marketWallet(market) : undefined;
  if (own !== undefined) return await openKeystore(own.file, { password: readFirstLine(own.passwordFile) });
  const { file, name } = named ?? onlyWallet(terminal);
  const password = await readPassword(terminal, { input, flag: "password-file", prompt: `Password of wallet ${name}` });
  return await openKeystore(file, { password });
}
