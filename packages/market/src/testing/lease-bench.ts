import {
  type Abi,
  decodeErrorResult,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  toHex,
} from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { Coin, Leases, Lens, ProviderRegistry } from "../gen/contracts.ts";
import type { Account } from "../lease/terms.ts";
import type { ForeseenCall } from "./foreseen-calls.ts";
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

/** A call of a contract, by the name of its function. */
export interface BenchCall {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** What came of a simulated call, and the words that `Lens.sol` answered behind it. */
export interface Simulated {
  readonly refusal: string | undefined;
  readonly gas: number;
  readonly look: Hex;
}

interface SimulatedCall {
  readonly status: Hex;
  readonly returnData: Hex;
  readonly gasUsed: Hex;
}

const CONTRACTS = { Coin, Leases, Lens, ProviderRegistry } as const;

/** More than any call takes. */
const GAS = toHex(0x20_0000);

/** A chain with a token and the contract of leases, and accounts that act on it. */
export class LeaseBench {
  readonly chain: TestChain;
  readonly accounts: readonly Account[];
  readonly abi = Leases.abi as Abi;
  contract: Account = "0x";
  registry: Account = "0x";
  /** What deploying took, by contract. */
  readonly deployed = new Map<string, { readonly gas: number; readonly bytes: number }>();
  chainId = 0;
  #lens: Account = "0x";
  coin: Account = "0x";

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
    bench.coin = await bench.#deploy("Coin");
    bench.#lens = await bench.#deploy("Lens");
    bench.contract = await bench.#deploy("Leases", bench.coin);
    bench.registry = await bench.#deploy("ProviderRegistry");
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
          ["eth_sendTransaction", { from: account, to: this.coin, data, gas: "0x100000" }],
          ["evm_mine"],
        );
    }
  }

  /** Calls the contract in a block of its own at a time, seconds since 1970. */
  async send(from: Account, { name, args }: BenchCall, at: number): Promise<Sent> {
    const data = encodeFunctionData({ abi: this.abi, functionName: name, args });
    return await this.#send({ from, to: this.contract, data, abi: this.abi }, at);
  }

  /** Calls the registry of providers, as `send` does the contract of leases. */
  async sendRegistry(from: Account, { name, args }: BenchCall, at: number): Promise<Sent> {
    const abi = ProviderRegistry.abi as Abi;
    const data = encodeFunctionData({ abi, functionName: name, args });
    return await this.#send({ from, to: this.registry, data, abi }, at);
  }

  async #send({ abi, ...call }: { from: Account; to: Account; data: Hex; abi: Abi }, at: number): Promise<Sent> {
    const [hash] = await this.chain.ask(["eth_sendTransaction", { ...call, gas: GAS }], ["evm_mine", at]);
    const [receipt] = (await this.chain.ask(["eth_getTransactionReceipt", hash])) as [Record<string, Hex>];
    const block = { number: Number(receipt["blockNumber"]), hash: receipt["blockHash"] as Hex, at };
    const gas = Number(receipt["gasUsed"]);
    if (receipt["status"] === "0x1") return { refusal: undefined, gas, block };
    const [trace] = (await this.chain.ask(["debug_traceTransaction", hash, { tracer: "callTracer" }])) as [
      { output?: Hex },
    ];
    return { refusal: nameOf(abi, trace.output ?? "0x"), gas, block };
  }

  /** All providers, in the order of the registry. */
  async providers(): Promise<readonly { readonly provider: string; readonly url: string; readonly profile: Hex }[]> {
    const { abi } = ProviderRegistry;
    const data = encodeFunctionData({ abi, functionName: "page", args: [0n, 100n] });
    const [result] = await this.chain.ask(["eth_call", { to: this.registry, data }, "latest"]);
    return decodeFunctionResult({ abi, functionName: "page", data: result as Hex });
  }

  async look(names: readonly Hex[]): Promise<Look> {
    const data = this.#lookOf(names, this.accounts);
    const [result] = await this.chain.ask(["eth_call", { to: this.#lens, data }, "latest"]);
    return lookOf(result as Hex);
  }

  /**
   * Makes calls of the contract in simulated blocks that follow a block, in one request, and looks at the contract after each. Nothing of it stays, so
   * that each sequence begins at the same state.
   */
  async simulate(
    calls: readonly (ForeseenCall & { readonly names: readonly Hex[] })[],
    { block, accounts }: { readonly block: number; readonly accounts: readonly Account[] },
  ): Promise<readonly Simulated[]> {
    const blocks = Map.groupBy(calls, ({ at }) => at);
    const blockStateCalls = [...blocks].map(([at, made], index) => ({
      blockOverrides: { number: toHex(block + 1 + index), time: toHex(at) },
      calls: made.flatMap(({ from, name, args, names }) => [
        { from, to: this.contract, data: encodeFunctionData({ abi: this.abi, functionName: name, args }), gas: GAS },
        { from, to: this.#lens, data: this.#lookOf(names, accounts), gas: GAS },
      ]),
    }));
    const [answer] = await this.chain.ask(["eth_simulateV1", { blockStateCalls, validation: false }, toHex(block)]);
    const done = (answer as readonly { readonly calls: readonly SimulatedCall[] }[]).flatMap((one) => one.calls);
    return calls.map((_, index) => {
      const [made, look] = done.slice(2 * index) as [SimulatedCall, SimulatedCall];
      const refusal = made.status === "0x1" ? undefined : nameOf(this.abi, made.returnData);
      return { refusal, gas: Number(made.gasUsed), look: look.returnData };
    });
  }

  #lookOf(names: readonly Hex[], accounts: readonly Account[]): Hex {
    return encodeFunctionData({ abi: Lens.abi, functionName: "look", args: [this.contract, names, accounts] });
  }

  async #deploy(name: keyof typeof CONTRACTS, ...args: readonly unknown[]): Promise<Account> {
    const { abi, bytecode } = CONTRACTS[name] as { abi: Abi; bytecode: Hex };
    const data = encodeDeployData({ abi, bytecode, args });
    const [hash] = await this.chain.ask(
      ["eth_sendTransaction", { from: this.accounts[0], data, gas: "0x1000000" }],
      ["evm_mine"],
    );
    const [receipt] = (await this.chain.ask(["eth_getTransactionReceipt", hash])) as [
      { contractAddress: Account; status: string; gasUsed: Hex },
    ];
    if (receipt.status !== "0x1") throw new Error(`Cannot deploy ${name}`);
    const [code] = (await this.chain.ask(["eth_getCode", receipt.contractAddress, "latest"])) as [Hex];
    this.deployed.set(name, { gas: Number(receipt.gasUsed), bytes: (code.length - 2) / 2 });
    return receipt.contractAddress;
  }
}

function nameOf(abi: Abi, output: Hex): string {
  try {
    return decodeErrorResult({ abi, data: output }).errorName;
  } catch {
    return `unknown ${output}`;
  }
}

/** Reads what `Lens.sol` answers. */
export function lookOf(data: Hex): Look {
  const [held, found, owned] = decodeFunctionResult({ abi: Lens.abi, functionName: "look", data });
  return { held, found: found.map((lease) => ({ ...lease })), owned };
}

/** Keys of accounts that only sign. The numbers are for tests. */
export function signer(number: number): PrivateKeyAccount {
  return privateKeyToAccount(`0x${number.toString(16).padStart(64, "0")}`);
}
