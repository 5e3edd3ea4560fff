import { OrreryError } from "@orrery/core";
import type { ProviderService } from "../gen/rpc/orrery/market/v1/provider_pb.ts";
import type { Account, Digest } from "../lease/terms.ts";
import { accountOfAgent } from "../wallet/wallet-door.ts";

/** Who may ask a method: anybody, any wallet, or the wallet alone that opened the lease that is named. */
export type ProviderRule = "anybody" | "wallet" | "publisher";

/** Name of a method. */
export type ProviderMethod = keyof (typeof ProviderService)["method"];

/** Who may ask what. A method that is not named here is nobody's. */
export const PROVIDER_RULES: Readonly<Record<ProviderMethod, ProviderRule>> = {
  describe: "anybody",
  quote: "anybody",
  deploy: "wallet", // The chain says whether it opened the lease.
  listPods: "wallet", // It is told of its own.
  update: "publisher",
  restart: "publisher",
  delete: "publisher",
  getPod: "publisher",
  readLog: "publisher",
  getMetrics: "publisher",
  listEvents: "publisher",
  attest: "publisher",
  readLedger: "publisher",
  vouch: "publisher",
};

/** Who asks, where it may. */
export interface Asker {
  readonly agent: string;
  /** Undefined for somebody without a wallet. */
  readonly wallet: Account | undefined;
}

/** What is asked. */
export interface Asked {
  readonly agent: string;
  /** Of the request, where it names one. */
  readonly lease?: string;
  /** Who opened a lease that the provider knows. */
  readonly publisherOf: (lease: Digest) => Account | undefined;
}

/**
 * Lets in who may ask a method.
 * @throws OrreryError `unauthenticated` without a wallet, `permission_denied` for another's lease, `not_found` for one that is not here
 */
export function assertMay(method: string, { agent, lease = "", publisherOf }: Asked): Asker {
  const rule = Object.hasOwn(PROVIDER_RULES, method) ? PROVIDER_RULES[method as ProviderMethod] : undefined;
  const wallet = accountOfAgent(agent);
  const failing = `Cannot ask "${method}"`;
  if (rule === undefined) throw new OrreryError("permission_denied", `${failing}: nobody may`);
  if (rule === "anybody") return { agent, wallet };
  if (wallet === undefined)
    throw new OrreryError("unauthenticated", `${failing} as "${agent}": a wallet has to sign for it`);
  if (rule === "wallet") return { agent, wallet };
  const publisher = /^0x[0-9a-f]{64}$/.test(lease) ? publisherOf(lease as Digest) : undefined;
  if (publisher === undefined)
    throw new OrreryError("not_found", `${failing} of lease "${lease.slice(0, 80)}": this provider has no pod by it`);
  if (publisher === wallet) return { agent, wallet };
  throw new OrreryError("permission_denied", `${failing} of lease ${lease}: it is not of wallet ${wallet}`);
}
