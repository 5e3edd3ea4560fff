import { createReadStream, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { copyFile, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { openKeyFile } from "@orrery/registry";
import { type BackupFacts, restoreBackup } from "@orrery/registry/upkeep";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, usageError } from "../command-error.ts";
import { formatBytes } from "../operate/format.ts";
import type { Terminal } from "../terminal.ts";
import { factsText } from "./facts-text.ts";
import { openStopped } from "./open-stopped.ts";

/** `orrery restore`: all is put together in a folder beside, which gets the name once it is whole. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const file = resolve(terminal.cwd, input.words[0] ?? "");
  const folder = resolve(terminal.cwd, input.text("data") ?? ".orrery/data");
  const keyFile = input.text("secrets-key");
  if (!existsSync(file))
    throw new CommandError(`Cannot restore "${file}": there is no such file`, { exit: EXIT.notFound });
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new CommandError(`Cannot restore to "${folder}": it holds something, name a folder that is new or empty`);
  const keyPath = keyFile === undefined ? undefined : resolve(terminal.cwd, keyFile);
  if (keyPath !== undefined && !existsSync(keyPath))
    throw new CommandError(`Cannot restore with "${keyPath}": there is no such key file`, { exit: EXIT.notFound });
  const partial = `${folder}.restoring`;
  mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
  await rm(partial, { recursive: true, force: true });
  mkdirSync(partial, { mode: 0o700 });
  let facts: BackupFacts;
  try {
    facts = await fill({ partial, file, keyPath }, input, terminal);
    await rename(partial, folder);
  } finally {
    terminal.progress("");
    await rm(partial, { recursive: true, force: true });
  }
  const isJson = input.text("output") === "json";
  await terminal.write(
    isJson ? `${JSON.stringify({ data: folder, ...facts })}\n` : `Restored to ${folder}: ${factsText(facts)}\n`,
  );
  if (!isJson) terminal.say(`Next: orrery up --data=${folder}`);
  return EXIT.done;
}

async function fill(
  { partial, file, keyPath }: { readonly partial: string; readonly file: string; readonly keyPath: string | undefined },
  input: CommandInput,
  terminal: Terminal,
): Promise<BackupFacts> {
  const { restoreAppsFile } = await import("@orrery/platform");
  await using stopped = await openStopped(partial, input, terminal);
  const facts = await restoreBackup(createReadStream(file), {
    ...stopped,
    folder: join(partial, "spool"),
    onFacts: (said) => assertKeys(said, { keyPath, isWithout: input.has("without-secrets-key") }),
    onPart: (name, content) => restoreAppsFile(join(partial, "apps"), { name, content }),
    onProgress: (bytes) => terminal.progress(`${formatBytes(bytes)} of blobs`),
  });
  if (keyPath !== undefined) {
    const key = join(partial, "secrets.key");
    writeFileSync(key, "", { mode: 0o600 });
    await copyFile(keyPath, key);
  }
  return facts;
}

/** What is closed must be opened by somebody later. */
function assertKeys(
  { keys }: BackupFacts,
  { keyPath, isWithout }: { readonly keyPath: string | undefined; readonly isWithout: boolean },
): void {
  if (isWithout && keyPath !== undefined)
    throw usageError("Cannot restore with and without a key: give --secrets-key or --without-secrets-key");
  if (keys.length === 0 || isWithout) return;
  const has = keyPath === undefined ? [] : openKeyFile(keyPath).map(({ id }) => id);
  const missing = keys.find((id) => !has.includes(id));
  if (missing === undefined) return;
  const why =
    keyPath === undefined
      ? "it has secrets, whose keys are not in it, give the secrets.key of the folder by --secrets-key"
      : `it has secrets of key "${missing}", which is not in "${keyPath}", give another copy by --secrets-key`;
  throw new CommandError(`Cannot restore the backup: ${why}, or lose them by --without-secrets-key`);
}
