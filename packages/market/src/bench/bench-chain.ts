import { OrreryError } from "@orrery/core";
import { type Abi, encodeDeployData, encodeFunctionData, type Hex, toHex } from "viem";
import type { Contracts } from "../chain/calls.ts";
import { createEvmNode } from "../chain/evm/system-evm-node.ts";
import { Coin, Leases, ProviderRegistry } from "../gen/contracts.ts";
import type { Account } from "../lease/terms.ts";
import { type AnvilMark, startAnvil } from "./system-anvil.ts";

/** A chain of a bench: the contracts, and a token of no worth. What time it is stands still, until it is set. */
export interface BenchChain {
  /** Of its JSON-RPC. */
  readonly url: string;
  readonly chainId: number;
  readonly contracts: Contracts;
  /** By what `endAnvil` finds its process. */
  readonly mark: AnvilMark;
  /** Gives an account so many base units of the token, and what transactions cost. */
  endow(account: Account, amount: bigint): Promise<void>;
  /** Makes a block of a time, not before that of the last. @param atS seconds since 1970 */
  setTime(atS: number): Promise<void>;
  stop(): Promise<void>;
}

/** What transactions of an account may cost, in the chain's own coin. */
const FOR_GAS = 10n ** 18n;

/** Starts a chain, and makes the contracts. @throws OrreryError `failed_precondition` where the node does not start */
export async function startBenchChain(options: { readonly atS: number; readonly port?: number }): Promise<BenchChain> {
  const anvil = await startAnvil(options);
  try {
    const { ask } = createEvmNode({ url: anvil.url });
    await ask("anvil_setBlockTimestampInterval", [0]);
    const [from] = (await ask("eth_accounts", [])) as readonly Account[];
    const send = async (transaction: object) => await sendFrom(ask, { ...transaction, from, gas: toHex(0x100_0000) });
    const deploy = async (contract: { readonly abi: unknown; readonly bytecode: Hex }, ...args: readonly unknown[]) => {
      const { abi, bytecode } = contract;
      const receipt = await send({ data: encodeDeployData({ abi: abi as Abi, bytecode, args }) });
      return String(receipt["contractAddress"]).toLowerCase() as Account;
    };
    const token = await deploy(Coin);
    const contracts = { token, leases: await deploy(Leases, token), registry: await deploy(ProviderRegistry) };
    return {
      url: anvil.url,
      chainId: Number(await ask("eth_chainId", [])),
      contracts,
      mark: anvil.mark,
      endow: async (account, amount) => {
        await ask("anvil_setBalance", [account, toHex(FOR_GAS)]);
        const data = encodeFunctionData({ abi: Coin.abi, functionName: "mint", args: [account, amount] });
        await send({ to: token, data });
      },
      setTime: async (atS) => {
        await ask("evm_setNextBlockTimestamp", [atS]);
        await ask("evm_mine", []);
      },
      stop: () => anvil.stop(),
    };
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

type Ask = ReturnType<typeof createEvmNode>["ask"];

/** Sends a transaction of the node's own account, and has a block made: the node may be about to make one, and gives no receipt before. */
async function sendFrom(ask: Ask, transaction: object): Promise<Readonly<Record<string, unknown>>> {
  const hash = await ask("eth_sendTransaction", [transaction]);
  await ask("evm_mine", []);
  const receipt = (await ask("eth_getTransactionReceipt", [hash])) as Record<string, unknown> | null;
  if (receipt?.["status"] === "0x1") return receipt;
  throw new OrreryError("internal", "Cannot make the contracts of the bench: the chain refuses them");
}
