import { readFileSync } from "node:fs";
import { createSystemClock, createSystemRandom, type LogEntry } from "@orrery/core";
import { type OpenedProvider, openProvider } from "@orrery/market";
import { formatLog } from "@orrery/mesh";
import type { CommandInput } from "../../command.ts";
import { EXIT, type ExitCode } from "../../command-error.ts";
import { packageFile } from "../../package-file.ts";
import type { Terminal } from "../../terminal.ts";
import { measureOwnBase } from "../own-base.ts";
import { openProviderKey, type ProviderFile, readProviderFile } from "./provider-file.ts";

/** Runs a provider until somebody ends it. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const file = await readProviderFile(input, terminal);
  const key = await openProviderKey(file, input, terminal);
  const { version } = JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as { version: string };
  const isJson = input.text("output") === "json";
  const end = Promise.withResolvers<void>();
  const release = terminal.onInterrupt(() => end.resolve());
  try {
    await using opened = await openProvider({
      ...{ config: file.config, folder: file.folder, key, version, base: await measureOwnBase() },
      ...{ clock: createSystemClock(), random: createSystemRandom() },
      log: (entry: LogEntry) => terminal.say(formatLog(entry, isJson ? "json" : "text")),
    });
    await terminal.write(isJson ? jsonOf(opened) : textOf(opened, file));
    await end.promise;
    terminal.say("Stopping: pods end, and are found again at the next start");
  } finally {
    release();
  }
  return EXIT.done;
}

function jsonOf({ provider, url, gateway, adminUrl, lacks }: OpenedProvider): string {
  const { account, view } = provider;
  const pods = view.tenants().length;
  return `${JSON.stringify({ event: "selling", account, url, gateway, admin: adminUrl, pods, lacks, pid: process.pid })}\n`;
}

function textOf({ provider, url, gateway, adminUrl, lacks }: OpenedProvider, { config }: ProviderFile): string {
  const { account, view } = provider;
  const cores = Number(config.capacity.cpu ?? 0n) / 1_000;
  const lines = [
    `Provider ${account} sells ${cores} cores and ${config.capacity.memory} MiB; ${view.tenants().length} pods run again`,
    `  publishers  ${url}`,
    `  pods        ${gateway}`,
    `  operator    ${adminUrl}`,
    ...lacks.map((lack) => `  Note: ${lack}`),
    ...(config.evidence.kind === "none"
      ? ["  Note: evidence is of kind none and proves nothing; name a tpm in the file"]
      : []),
  ];
  return `${lines.join("\n")}\n`;
}
