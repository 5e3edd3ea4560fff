import { type Abi, decodeFunctionResult, encodeFunctionData, erc20Abi, type Hex } from "viem";
import type { Account } from "../../lease/terms.ts";
import type { EvmNode } from "./evm-node.ts";

/** What people know a token by. */
export interface TokenFacts {
  /** Such as `USDC`. */
  readonly symbol: string;
  /** Digits behind the point: a unit for people is so many tens of base units. */
  readonly decimals: number;
}

/** Reads what a token says of itself. @throws where the node does not answer, or the account is no token */
export async function readTokenFacts(node: EvmNode, token: Account): Promise<TokenFacts> {
  const [symbol, decimals] = await Promise.all([ask(node, token, "symbol"), ask(node, token, "decimals")]);
  return { symbol: String(symbol), decimals: Number(decimals) };
}

/** Base units of a token in the wallet of an account: what it holds outside of all contracts. @throws where the node does not answer */
export async function readTokenBalance(
  node: EvmNode,
  { token, account }: { readonly token: Account; readonly account: Account },
): Promise<bigint> {
  return (await ask(node, token, "balanceOf", [account])) as bigint;
}

async function ask(node: EvmNode, to: Account, functionName: string, args: readonly unknown[] = []): Promise<unknown> {
  const abi = erc20Abi as Abi;
  const data = encodeFunctionData({ abi, functionName, args });
  const result = (await node.ask("eth_call", [{ to, data }, "latest"])) as Hex;
  return decodeFunctionResult({ abi, functionName, data: result });
}
