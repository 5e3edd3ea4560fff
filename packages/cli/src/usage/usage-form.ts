import type { UsageMessage, UsagePartMessage } from "@orrery/registry/service";
import { formatBytes, formatTime } from "../operate/format.ts";
import { table } from "../table.ts";

/** What was used, as a server tells it. */
export interface UsageOf {
  total: UsageMessage | undefined;
  readonly parts: UsagePartMessage[];
}

/** Usage as JSON: whole numbers; those that may be longer than a number of JSON is exact are text. */
export function usageJson(
  { total, parts }: UsageOf,
  { address, byOwner }: { readonly address: string; readonly byOwner: boolean },
) {
  const named = parts.map(({ name, usage }) => ({ [byOwner ? "owner" : "address"]: name, ...countsOf(usage) }));
  return { address, ...countsOf(total), [byOwner ? "owners" : "parts"]: named };
}

function countsOf(usage: UsageMessage | undefined) {
  const {
    networkIn = 0n,
    networkOut = 0n,
    cpuUs = 0n,
    messages = 0n,
    fileBytes = 0n,
    databaseBytes = 0n,
  } = usage ?? {};
  return {
    networkIn: Number(networkIn),
    networkOut: Number(networkOut),
    cpuMs: Number(cpuUs) / 1000,
    messages: Number(messages),
    fileBytes: Number(fileBytes),
    databaseBytes: Number(databaseBytes),
    fileByteMs: usage?.fileByteMs ?? "0",
    databaseByteMs: usage?.databaseByteMs ?? "0",
  };
}

/** Usage as a table for people: the parts, and their sum. */
export function usageTable(
  { total, parts }: UsageOf,
  { address, byOwner }: { readonly address: string; readonly byOwner: boolean },
): string {
  const rows = parts.map(({ name, usage }) => rowOf(usage, name === address ? `${name}, itself` : name));
  const head = ["IN", "OUT", "CPU", "MESSAGES", "FILES", "DATABASE", byOwner ? "OWNER" : "ADDRESS"];
  return `${table([head, ...rows, rowOf(total, "total")]).join("\n")}\n`;
}

function rowOf(usage: UsageMessage | undefined, name: string): readonly string[] {
  const { networkIn, networkOut, cpuMs, messages, fileBytes, databaseBytes } = countsOf(usage);
  const sizes = [formatBytes(fileBytes), formatBytes(databaseBytes)];
  return [formatBytes(networkIn), formatBytes(networkOut), formatTime(cpuMs), String(messages), ...sizes, name];
}
