import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Account, AttestPolicy, Contracts } from "@orrery/market";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT } from "../command-error.ts";
import { readJson } from "../environments/config-folder.ts";
import type { Terminal } from "../terminal.ts";

/** Where a bench of this folder says what it runs. */
export const BENCH_FOLDER = ".orrery/dev";
/** Name of that file in its folder. */
export const MARKET_FILE = "market.json";

/** What commands know of a market: a file of JSON that a bench writes, or somebody by hand. */
export interface MarketFile {
  readonly chain: { readonly url: string; readonly chainId: number; readonly contracts: Contracts };
  /** Wallet that pays, where none is named. Paths are whole, or from the file's folder. */
  readonly wallet?: { readonly keystore: string; readonly passwordFile: string };
  /** Providers by name; the first is used where none is named. */
  readonly providers?: Readonly<Record<string, string>>;
  /** What is taken as proof of where pods run. */
  readonly policy?: AttestPolicy;
  /** Store of artifacts that providers fetch from: what is there once is deployed anywhere. Default: each provider's own. */
  readonly store?: { readonly url: string; readonly account: Account };
  /** Service that keeps keys of artifacts. Default: none, and pods are given keys by the publisher alone. */
  readonly keyService?: { readonly url: string; readonly account: Account };
  /** Of a bench alone. */
  readonly bench?: BenchPlace;
}

/** Where a bench is asked. */
export interface BenchPlace {
  readonly url: string;
  /** Whoever has it may move the clock. */
  readonly secret: string;
  readonly pid: number;
}

/** A market file that was found. */
export interface FoundMarket extends MarketFile {
  /** Whole path. */
  readonly file: string;
  /** Folder that it is in. */
  readonly folder: string;
}

/** Finds the market that is meant: by --market, by ORRERY_MARKET, else the bench of this folder or of one above. @throws CommandError where there is none */
export function findMarket(input: CommandInput, terminal: Terminal): FoundMarket {
  const found = findMarketIfAny(input, terminal);
  if (found !== undefined) return found;
  throw noMarket(`no bench runs in "${terminal.cwd}" or above it`);
}

/** The same, where there may be none and none is named. @throws CommandError where one is named that is not there */
export function findMarketIfAny(input: CommandInput, terminal: Terminal): FoundMarket | undefined {
  const said = input.text("market") ?? terminal.env["ORRERY_MARKET"];
  const file = said === undefined || said === "" ? findBenchFile(terminal.cwd) : resolve(terminal.cwd, said);
  if (file === undefined) return undefined;
  if (!existsSync(file)) throw noMarket(`there is no file "${said}"`);
  const found = readJson(file) as Partial<MarketFile>;
  if (typeof found?.chain?.url !== "string" || typeof found.chain.contracts?.leases !== "string")
    throw new CommandError(`Cannot read "${file}": it does not say chain.url and chain.contracts`);
  if (found.bench !== undefined) assertOwn(file);
  return { ...(found as MarketFile), file, folder: dirname(file) };
}

function noMarket(why: string): CommandError {
  return new CommandError(`Cannot find a market: ${why}, name a file by --market or ORRERY_MARKET`, {
    exit: EXIT.notFound,
    tip: "orrery dev up",
  });
}

/** What the bench of a folder, or of one above, says of itself; undefined where none runs. */
export function findBenchFile(cwd: string): string | undefined {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const file = join(folder, BENCH_FOLDER, MARKET_FILE);
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Who writes the file of a bench says what its commands do. @throws CommandError where others may */
function assertOwn(file: string): void {
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) === 0) return;
  throw new CommandError(`Cannot use "${file}": others may read or write it, its mode is ${mode.toString(8)}`, {
    tip: `chmod 600 ${file}`,
  });
}
