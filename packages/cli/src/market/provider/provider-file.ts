import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { openKeystore, type ProviderConfig, parseProviderConfig } from "@orrery/market";
import type { CommandInput } from "../../command.ts";
import { CommandError, EXIT, typed } from "../../command-error.ts";
import { readPassword } from "../../login/read-password.ts";
import type { Terminal } from "../../terminal.ts";

/** The file of a provider, and the folder that its paths begin at. */
export interface ProviderFile {
  readonly config: ProviderConfig;
  readonly folder: string;
  /** Whole path of its data. */
  readonly data: string;
}

/** Reads the file that `--file` names. @throws CommandError where there is none; OrreryError with each mistake and its place */
export async function readProviderFile(input: CommandInput, terminal: Terminal): Promise<ProviderFile> {
  const file = input.text("file") ?? "provider.yaml";
  const path = resolve(terminal.cwd, file);
  if (!existsSync(path))
    throw new CommandError(`Cannot read "${file}": there is no such file`, {
      exit: EXIT.notFound,
      tip: "orrery provider init",
    });
  const config = await typed(() => parseProviderConfig(readFileSync(path, "utf8"), { file }));
  const folder = dirname(path);
  return { config, folder, data: isAbsolute(config.data) ? config.data : join(folder, config.data) };
}

/** Opens the wallet of a provider, by a password that is read from where `--password-file` says or asked for. */
export async function openProviderKey(provider: ProviderFile, input: CommandInput, terminal: Terminal) {
  const file = walletFileOf(provider);
  const password = await readPassword(terminal, { input, flag: "password-file", prompt: "Password of the wallet" });
  return await openKeystore(file, { password });
}

/** Whole path of the keystore of a provider. @throws CommandError where it is not there */
export function walletFileOf({ config, folder }: ProviderFile): string {
  const file = isAbsolute(config.wallet) ? config.wallet : join(folder, config.wallet);
  if (existsSync(file)) return file;
  throw new CommandError(`Cannot open the wallet of the provider: there is no "${file}"`, {
    exit: EXIT.notFound,
    tip: "orrery provider init",
  });
}
