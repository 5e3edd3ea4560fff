import { type QuotaMessage, UsageService } from "@orrery/registry/service";
import { formatBytes } from "../operate/format.ts";
import type { Server } from "../resources/server.ts";
import { table } from "../table.ts";

/** Asks a server for the quotas that an address is under. */
export async function askQuotas(server: Server, address: string): Promise<readonly QuotaMessage[]> {
  try {
    const { timeoutMs } = server;
    return (await server.node.client(UsageService).quotas({ address }, { timeoutMs })).quotas;
  } catch (error) {
    throw server.explain(error);
  }
}

/** Quotas as they are written as JSON. */
export function quotaJson({ address, owner, bytes, bytesMax, plan }: QuotaMessage) {
  return {
    address,
    ...(owner === "" ? {} : { owner }),
    ...(plan !== "" && { plan }),
    bytes: Number(bytes),
    bytesMax: Number(bytesMax),
  };
}

/** Quotas as a table for people; nothing where there are none. */
export function quotaTable(quotas: readonly QuotaMessage[]): string {
  if (quotas.length === 0) return "";
  const rows = quotas.map(({ address, owner, bytes, bytesMax, plan }) => [
    formatBytes(Number(bytes)),
    formatBytes(Number(bytesMax)),
    owner === "" ? "all" : owner,
    plan === "" ? address : `${address}, by plan ${plan}`,
  ]);
  return `${table([["USED", "QUOTA", "OF", "IN"], ...rows]).join("\n")}\n`;
}
