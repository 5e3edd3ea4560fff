import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Account } from "@orrery/market";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { configFolder } from "../environments/config-folder.ts";
import type { Terminal } from "../terminal.ts";
import { WALLET_FILE_BYTES_MAX } from "./limits.ts";

/** A wallet of this user: a keystore by a name. */
export interface Wallet {
  readonly name: string;
  /** Whole path of the keystore. */
  readonly file: string;
  /** As the file says it, without that it is opened. */
  readonly account: Account;
}

const NAME = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;

/** The file of a wallet. @throws CommandError for what is no name of one */
export function walletFile(name: string, terminal: Terminal): string {
  if (!NAME.test(name))
    throw usageError(`Cannot use wallet "${name}": a name has small letters, digits and -, 40 at most`);
  return join(walletFolder(terminal), `${name}.json`);
}

/** Makes the folder of wallets, into which nobody else looks. */
export function makeWalletFolder(terminal: Terminal): void {
  mkdirSync(walletFolder(terminal), { recursive: true, mode: 0o700 });
}

/** The wallets of this user, by name. */
export function listWallets(terminal: Terminal): readonly Wallet[] {
  const folder = walletFolder(terminal);
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const names = files.filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -".json".length));
  return names.sort().map((name) => findWallet(name, terminal));
}

/** Finds a wallet by its name. @throws CommandError where there is none, or its file is none of a wallet */
export function findWallet(name: string, terminal: Terminal): Wallet {
  const file = walletFile(name, terminal);
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined)
    throw new CommandError(`Cannot find wallet "${name}": there is no "${file}"`, {
      exit: EXIT.notFound,
      tip: "orrery wallet ls",
    });
  return { name, file, account: accountOf(file, size) };
}

/** The wallet of whoever has one and no more. @throws CommandError for nobody's, and for several */
export function onlyWallet(terminal: Terminal): Wallet {
  const all = listWallets(terminal);
  const [first, second] = all;
  if (first !== undefined && second === undefined) return first;
  const why = first === undefined ? "you have none" : `you have ${all.map(({ name }) => name).join(", ")}`;
  throw usageError(`Cannot tell which wallet is meant: ${why}, name one by --wallet`, "orrery wallet new NAME");
}

/** The account that a keystore says it is of. */
export function accountOf(file: string, size: number): Account {
  try {
    const { address } =
      size > WALLET_FILE_BYTES_MAX ? {} : (JSON.parse(readFileSync(file, "utf8")) as { address?: unknown });
    if (typeof address === "string" && /^(0x)?[0-9a-fA-F]{40}$/.test(address))
      return `0x${address.replace(/^0x/, "").toLowerCase()}`;
  } catch {
    // It is no JSON: told below.
  }
  throw new CommandError(`Cannot read wallet "${file}": it is no keystore, move it elsewhere`);
}

function walletFolder(terminal: Terminal): string {
  return join(configFolder(terminal), "wallets");
}
