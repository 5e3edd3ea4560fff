import { existsSync, rmSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createKeystore, newProviderConfig, parseProviderConfig } from "@orrery/market";
import type { CommandInput } from "../../command.ts";
import { CommandError, EXIT, type ExitCode, typed, usageError } from "../../command-error.ts";
import { readPassword } from "../../login/read-password.ts";
import type { Terminal } from "../../terminal.ts";
import { WALLET_PASSWORD_LENGTH_MIN } from "../limits.ts";
import { writeNewFile } from "../new-file.ts";

const MIB = 1024 ** 2;
const CONTRACTS = ["leases", "token", "registry"] as const;

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
  const text = textOf(input);
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
    terminal.say(
      "Look at prices and capacity in the file. Then: send the wallet tokens and gas, orrery provider stake TOKENS, orrery provider up",
    );
  }
  return EXIT.done;
}

function textOf(input: CommandInput): string {
  const url = input.text("chain");
  const missing = [
    ...(url === undefined ? ["chain"] : []),
    ...CONTRACTS.filter((name) => input.text(name) === undefined),
  ];
  if (missing.length > 0)
    throw usageError(
      `Cannot make a provider without ${missing.map((name) => `--${name}`).join(", ")}: a market is a chain and its contracts`,
      "orrery provider init --help",
    );
  const of = (name: string) => input.text(name) ?? "";
  return newProviderConfig({
    address: of("address") || "127.0.0.1",
    chain: {
      ...{ url: url ?? "", id: wholeOf(input, "chain-id", 31_337), decimals: wholeOf(input, "decimals", 6) },
      ...{ leases: of("leases"), token: of("token"), registry: of("registry") },
    },
    cores: availableParallelism(),
    memoryMiB: Math.max(256, Math.floor(totalmem() / 2 / MIB)),
  });
}

function wholeOf(input: CommandInput, flag: string, usual: number): number {
  const text = input.text(flag) ?? String(usual);
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw usageError(`Cannot use --${flag}=${text}: write a whole number`);
}
