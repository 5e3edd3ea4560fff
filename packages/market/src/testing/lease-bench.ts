import {
  type Abi,
  decodeErrorResult,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
} from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { Coin, Leases, Lens } from "../gen/contracts.ts";
import type { Account } from "../lease/terms.ts";
import { startTestChain, type TestChain } from "./system-chain.ts";

/** What came of a call: the name of its error, or undefined where it went through. */
export interface Sent {
  readonly refusal: string | undefined;
  readonly gas: number;
  readonly block: { readonly number: number; readonly hash: Hex; readonly at: number };
}

/** What the contract has, as `Lens.sol` reads it. */
export interface Look {
  readonly held: bigint;
  readonly found: readonly Record<string, bigint | number | string>[];
  readonly owned: readonly { balance: bigint; free: bigint; locked: bigint; unbonding: bigint; unbondedAt: number }[];
}

/** A chain with a token and the contract of leases, and accounts that act on it. */
export class LeaseBench {
  readonly chain: TestChain;
  readonly accounts: readonly Account[];
  readonly abi = Leases.abi as Abi;
  contract: Account = "0x";
  chainId = 0;
  #lens: Account = "0x";
  #coin: Account = "0x";

  private constructor(chain: TestChain, accounts: readonly Account[]) {
    this.chain = chain;
    this.accounts = accounts;
  }

  static async open(): Promise<LeaseBench> {
    const chain = await startTestChain();
    const [accounts, chainId] = await chain.ask(["eth_accounts"], ["eth_chainId"]);
    const bench = new LeaseBench(
      chain,
      (accounts as Account[]).map((one) => one.toLowerCase() as Account),
    );
    bench.chainId = Number(chainId);
    bench.#coin = await bench.#deploy("Coin");
    bench.#lens = await bench.#deploy("Lens");
    bench.contract = await bench.#deploy("Leases", bench.#coin);
    return bench;
  }

  /** Gives each account tokens, and lets the contract pull them. */
  async endow(amount: bigint): Promise<void> {
    const { abi } = Coin;
    for (const account of this.accounts) {
      const mint = encodeFunctionData({ abi, functionName: "mint", args: [account, amount] });
      const approve = encodeFunctionData({ abi, functionName: "approve", args: [this.contract, amount] });
      for (const data of [mint, approve])
        await this.chain.ask(
          ["eth_sendTransaction", { from: account, to: this.#coin, data, gas: "0x100000" }],
          ["evm_mine"],
        );
    }
  }

  /** Calls the contract in a block of its own at a time, seconds since 1970. */
  async send(
    from: Account,
    call: { readonly name: string; readonly args: readonly unknown[] },
    at: number,
  ): Promise<Sent> {
    const data = encodeFunctionData({ abi: this.abi, functionName: call.name, args: call.args });
    const [hash] = await this.chain.ask(
      ["eth_sendTransaction", { from, to: this.contract, data, gas: "0x200000" }],
      ["evm_mine", at],
    );
    const [receipt] = (await this.chain.ask(["eth_getTransactionReceipt", hash])) as [Record<string, Hex>];
    const block = { number: Number(receipt["blockNumber"]), hash: receipt["blockHash"] as Hex, at };
    const gas = Number(receipt["gasUsed"]);
    if (receipt["status"] === "0x1") return { refusal: undefined, gas, block };
    const [trace] = (await this.chain.ask(["debug_traceTransaction", hash, { tracer: "callTracer" }])) as [
      { output?: Hex },
    ];
    return { refusal: this.#nameOf(trace.output ?? "0x"), gas, block };
  }

  async look(names: readonly Hex[]): Promise<Look> {
    const { abi } = Lens;
    const data = encodeFunctionData({ abi, functionName: "look", args: [this.contract, names, this.accounts] });
    const [result] = await this.chain.ask(["eth_call", { to: this.#lens, data }, "latest"]);
    const [held, found, owned] = decodeFunctionResult({ abi, functionName: "look", data: result as Hex });
    return { held, found: found.map((lease) => ({ ...lease })), owned };
  }

  #nameOf(output: Hex): string {
    try {
      return decodeErrorResult({ abi: this.abi, data: output }).errorName;
    } catch {
      return `unknown ${output}`;
    }
  }

  async #deploy(name: "Coin" | "Lens" | "Leases", ...args: readonly unknown[]): Promise<Account> {
    const { abi, bytecode } = ({ Coin, Leases, Lens } as const)[name] as { abi: Abi; bytecode: Hex };
    const data = encodeDeployData({ abi, bytecode, args });
    const [hash] = await this.chain.ask(
      ["eth_sendTransaction", { from: this.accounts[0], data, gas: "0x1000000" }],
      ["evm_mine"],
    );
    const [receipt] = (await this.chain.ask(["eth_getTransactionReceipt", hash])) as [
      { contractAddress: Account; status: string },
    ];
    if (receipt.status !== "0x1") throw new Error(`Cannot deploy ${name}`);
    return receipt.contractAddress;
  }
}

/** Keys of accounts that only sign. The numbers are for tests. */
export function signer(number: number): PrivateKeyAccount {
  return privateKeyToAccount(`0x${number.toString(16).padStart(64, "0")}`);
}
