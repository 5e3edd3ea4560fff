import { type Abi, decodeFunctionResult, encodeFunctionData, type Hex } from "viem";
import { Leases, ProviderRegistry } from "../../gen/contracts.ts";
import { LEASE_STATES, type LeaseState } from "../../lease/lease-state.ts";
import type { Account, Digest } from "../../lease/terms.ts";
import type { Contracts } from "../calls.ts";
import type { AccountState, BlockRef, ChainQuery, ChainState } from "../lease-chain.ts";
import type { EvmNode } from "./evm-node.ts";

/** Providers that are asked for at once: what the contract gives. */
const PAGE = 100n;

/** Providers that are read, at most. */
export const PROVIDERS_MAX = 10_000;

/** Reads what is asked for at exactly one block. @throws where the node does not answer, or no more has the block */
export async function readState(
  query: ChainQuery,
  world: { readonly node: EvmNode; readonly contracts: Contracts; readonly block: BlockRef },
): Promise<ChainState> {
  const { contracts } = world;
  const ask = async <T>(abi: Abi, functionName: string, args: readonly unknown[]): Promise<T> => {
    const to = abi === REGISTRY ? contracts.registry : contracts.leases;
    const data = encodeFunctionData({ abi, functionName, args });
    const at = { blockHash: world.block.hash, requireCanonical: true };
    const result = (await world.node.ask("eth_call", [{ to, data }, at])) as Hex;
    return decodeFunctionResult({ abi, functionName, data: result }) as T;
  };
  const [leases, accounts, providers] = await Promise.all([
    Promise.all((query.leases ?? []).map(async (name) => leaseOf(await ask(LEASES, "leaseOf", [name])))),
    Promise.all((query.accounts ?? []).map((account) => accountOf(account, ask))),
    query.providers === true ? allProviders(ask) : [],
  ]);
  return { leases, accounts, providers };
}

const LEASES = Leases.abi as Abi;
const REGISTRY = ProviderRegistry.abi as Abi;

type Ask = <T>(abi: Abi, functionName: string, args: readonly unknown[]) => Promise<T>;

/** As the model has it: addresses in small letters, block numbers as numbers. */
function leaseOf({ state, challengedIn, ...rest }: Record<string, unknown>): LeaseState {
  const small = Object.entries(rest).map(([name, value]) => [name, typeof value === "string" ? lower(value) : value]);
  const lease = {
    stage: LEASE_STATES[Number(state)],
    challengedIn: Number(challengedIn),
    ...Object.fromEntries(small),
  };
  return lease as unknown as LeaseState;
}

async function accountOf(account: Account, ask: Ask): Promise<AccountState> {
  const [balance, stake] = await Promise.all([
    ask<bigint>(LEASES, "balanceOf", [account]),
    ask<readonly [bigint, bigint, bigint, number]>(LEASES, "stakeOf", [account]),
  ]);
  const [free, locked, unbonding, unbondedAt] = stake;
  return { account, balance, stake: { free, locked, unbonding, unbondedAt } };
}

async function allProviders(ask: Ask): Promise<ChainState["providers"]> {
  const found: { provider: Account; url: string; profile: Digest }[] = [];
  for (;;) {
    const page = await ask<typeof found>(REGISTRY, "page", [BigInt(found.length), PAGE]);
    found.push(...page.map((one) => ({ ...one, provider: lower(one.provider) })));
    if (BigInt(page.length) < PAGE || found.length >= PROVIDERS_MAX) return found;
  }
}

function lower(text: string): Account {
  return text.toLowerCase() as Account;
}
