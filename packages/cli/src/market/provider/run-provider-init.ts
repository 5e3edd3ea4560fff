import { existsSync, rmSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { type Account, createEvmNode, createKeystore, newProviderConfig, parseProviderConfig } from "@orrery/market";
import type { CommandInput } from "../../command.ts";
import { CommandError, EXIT, type ExitCode, typed, usageError } from "../../command-error.ts";
import { readPassword } from "../../login/read-password.ts";
import type { Terminal } from "../../terminal.ts";
import { WALLET_PASSWORD_LENGTH_MIN } from "../limits.ts";
import { type FoundMarket, findMarketIfAny } from "../market-file.ts";
import { writeNewFile } from "../new-file.ts";
import { readToken } from "../read-token.ts";

const MIB = 1024 ** 2;
const CONTRACTS = ["leases", "token", "registry"] as const;
type Fact = "chain" | (typeof CONTRACTS)[number];

/** Of a chain for trying, where neither a flag nor a market says it. */
const CHAIN_USUAL = 31_337;
const DECIMALS_USUAL = 6;
/** On a bench, where no name is proved. */
const BENCH_HOSTS = "test";

/** Writes the file of a provider, and makes its wallet. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const file = input.text("file") ?? "provider.yaml";
  const path = resolve(terminal.cwd, file);
  const wallet = join(dirname(path), "wallet.json");
  for (const [what, at] of [
    ["file", path],
    ["wallet", wallet],
  ] as const)
    if (existsSync(at))
      throw new CommandError(`Cannot make a provider: its ${what} "${at}" is there already; it is left as it is`);
  const market = findMarketIfAny(input, terminal);
  const text = await textOf(input, market);
  await typed(() => parseProviderConfig(text, { file }));
  const password = await readPassword(terminal, { input, flag: "password-file", prompt: "Password", isNew: true });
  if (password.length < WALLET_PASSWORD_LENGTH_MIN)
    throw usageError(
      `Cannot use that password: it has ${password.length} characters, at least ${WALLET_PASSWORD_LENGTH_MIN} are needed`,
    );
  const { address } = await createKeystore(wallet, { password });
  try {
    writeNewFile(file, text, terminal);
  } catch (error) {
    rmSync(wallet); // Nothing has been sent to it.
    throw error;
  }
  const account = address.toLowerCase();
  if (input.text("output") === "json") await terminal.write(`${JSON.stringify({ account, file: path, wallet })}\n`);
  else {
    terminal.say(
      `Wrote ${file}, and made wallet ${account} in wallet.json: who loses it or its password loses what it has`,
    );
    const money =
      market?.bench !== undefined
        ? `orrery dev fund ./${relative(terminal.cwd, wallet)}`
        : "send the wallet tokens and gas";
    terminal.say(
      `Look at prices and capacity in the file. Then: ${money}, orrery provider stake TOKENS, orrery provider up`,
    );
  }
  return EXIT.done;
}

/** The market's facts come from its file; what a flag says goes before. */
async function textOf(input: CommandInput, market: FoundMarket | undefined): Promise<string> {
  const known = market && { chain: market.chain.url, ...market.chain.contracts };
  const of = (name: Fact) => input.text(name) ?? known?.[name] ?? "";
  const missing = (["chain", ...CONTRACTS] as const).filter((name) => of(name) === "");
  if (missing.length > 0)
    throw usageError(
      `Cannot make a provider without ${missing.map((name) => `--${name}`).join(", ")}: a market is a chain and its contracts; name its file by --market, or start a bench by orrery dev up --live`,
      "orrery provider init --help",
    );
  const decimals =
    market === undefined
      ? DECIMALS_USUAL
      : (await readToken(createEvmNode({ url: of("chain") }), of("token") as Account)).decimals;
  return newProviderConfig({
    address: input.text("address") ?? "127.0.0.1",
    chain: {
      url: of("chain"),
      id: wholeOf(input, "chain-id", market?.chain.chainId ?? CHAIN_USUAL),
      decimals: wholeOf(input, "decimals", decimals),
      ...{ leases: of("leases"), token: of("token"), registry: of("registry") },
    },
    cores: availableParallelism(),
    memoryMiB: Math.max(256, Math.floor(totalmem() / 2 / MIB)),
    freeHosts:
      market?.bench !== undefined && input.texts("free-host").length === 0 ? [BENCH_HOSTS] : input.texts("free-host"),
    stores: market?.store === undefined ? [] : [market.store.url],
  });
}

function wholeOf(input: CommandInput, flag: string, usual: number): number {
  const text = input.text(flag) ?? String(usual);
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw usageError(`Cannot use --${flag}=${text}: write a whole number`);
}
