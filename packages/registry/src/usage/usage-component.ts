import { type Component, defineComponent, OrreryError } from "@orrery/core";
import { peek } from "../files/begin-upload.ts";
import { UsageService } from "../gen/orrery/registry/v1/usage_pb.ts";
import { OWNER_STEPS_MAX, USAGE_PAGE_MAX } from "../limits.ts";
import type { Registry } from "../registry.ts";
import { denied } from "../rights/decide.ts";
import { localAddress } from "../write/ground.ts";
import type { Ledger } from "./ledger.ts";
import type { UsagePart, UsageReport } from "./usage-store.ts";
import { addUsage, NO_USAGE, type Usage } from "./use.ts";

/** What a usage component tells of. */
export interface UsageComponentOptions {
  /** Whose quotas it tells. */
  readonly registry: Registry;
  /** What was used. */
  readonly ledger: Ledger;
  /** An operator, as whom it looks who owns what. Default: `operator`. */
  readonly operator?: string;
}

/**
 * Makes the component by which a network asks what is used, and what may be: `orrery.registry.v1.UsageService`. Who may read a resource may
 * read its usage; that of everything is for operators.
 */
export function createUsageComponent(options: UsageComponentOptions): Component {
  const { registry } = options;
  return defineComponent(UsageService, () => ({
    quotas: async ({ address }, { agent }) => {
      const quotas = await registry.quotas(address, { agent });
      return {
        quotas: quotas.map(({ address: at, owner = "", bytesMax, bytes, plan = "" }) => {
          return { address: at, owner, bytesMax: BigInt(bytesMax), bytes: BigInt(bytes), plan };
        }),
      };
    },
    readUsage: async ({ address, byOwner, after, limit }, { agent }) => {
      const root = address === "" ? "" : localAddress(address);
      await assertMayRead(root, agent, options);
      if (byOwner) return reportMessage(await readOwners(root, options), "");
      const most = Math.min(limit === 0 ? USAGE_PAGE_MAX : limit, USAGE_PAGE_MAX);
      const from = after === "" ? {} : { after };
      const report = await options.ledger.read({ root, by: "child", limit: most, ...from });
      return reportMessage(report, report.parts.length < most ? "" : (report.parts.at(-1)?.name ?? ""));
    },
  }));
}

async function assertMayRead(root: string, agent: string, { registry }: UsageComponentOptions): Promise<void> {
  if (root !== "") {
    const wish = { agent, verb: "read", address: root } as const;
    const decision = await registry.can(wish, { agent });
    if (!decision.allowed) throw denied(wish, decision);
    return;
  }
  if ((await registry.whoami({ agent })).isOperator) return;
  throw new OrreryError(
    "permission_denied",
    `Cannot read the usage of everything as "${agent}": only operators may, name a resource`,
  );
}

/** What was used by those to whom the way of owners leads, each with all that is theirs over apps and the like. */
async function readOwners(root: string, options: UsageComponentOptions): Promise<UsageReport> {
  const ends = new Map<string, Usage>();
  let total: Usage = NO_USAGE;
  for (let after: string | undefined; ; ) {
    const from = after === undefined ? {} : { after };
    const { parts } = await options.ledger.read({ root, by: "owner", limit: USAGE_PAGE_MAX, ...from });
    for (const { name, usage } of parts) {
      const end = await endOfOwners(name, options);
      ends.set(end, addUsage(ends.get(end) ?? NO_USAGE, usage));
      total = addUsage(total, usage);
    }
    if (parts.length < USAGE_PAGE_MAX) break;
    after = parts.at(-1)?.name;
  }
  const parts = [...ends].map(([name, usage]): UsagePart => ({ name, usage }));
  return { total, parts: parts.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** Follows owners to a user, an operator, or whoever is no resource. */
async function endOfOwners(owner: string, { registry, operator = "operator" }: UsageComponentOptions): Promise<string> {
  let at = owner;
  for (let steps = 0; steps < OWNER_STEPS_MAX; steps++) {
    const found = at.includes(":") ? await peek(at, { registry, operator }) : undefined;
    if (found === undefined || found.kind === "User" || found.owner === "" || found.owner === at) return at;
    at = found.owner;
  }
  return at;
}

function reportMessage({ total, parts }: UsageReport, next: string) {
  return {
    total: usageMessage(total),
    parts: parts.map(({ name, usage }) => ({ name, usage: usageMessage(usage) })),
    next,
  };
}

function usageMessage({ fileByteMs, databaseByteMs, ...usage }: Usage) {
  return { ...usage, fileByteMs: String(fileByteMs), databaseByteMs: String(databaseByteMs) };
}
