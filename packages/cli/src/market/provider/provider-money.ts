import { statSync } from "node:fs";
import { join } from "node:path";
import { isOrreryError } from "@orrery/core";
import {
  type Account,
  askMoney,
  type Contracts,
  createEvmLeaseChain,
  createEvmNode,
  createEvmReader,
  type LeaseChain,
  type MoneyMove,
  moveMoney,
  printAmount,
  printRecord,
  readTokenBalance,
  readTokenFacts,
  type TokenFacts,
} from "@orrery/market";
import type { LocalAccount } from "@orrery/market/bench";
import type { CommandInput } from "../../command.ts";
import { CommandError, EXIT } from "../../command-error.ts";
import type { Terminal } from "../../terminal.ts";
import { askBench } from "../bench/bench-client.ts";
import { timeText } from "../lease-words.ts";
import { openMarketClock } from "../market-clock.ts";
import { type FoundMarket, findMarket } from "../market-file.ts";
import { accountOf } from "../wallets.ts";
import { type BenchProviderPlace, benchProviderOf } from "./operator.ts";
import { openProviderKey, readProviderFile, walletFileOf } from "./provider-file.ts";

/** What a provider's account has. Base units. */
export interface ProviderMoney {
  readonly account: Account;
  /** In the wallet itself. */
  readonly wallet: bigint;
  /** In the contract: what leases paid, and what was put in. */
  readonly contract: bigint;
  /** At stake, and no lease needs it. */
  readonly free: bigint;
  /** At stake for leases. */
  readonly locked: bigint;
  /** Was asked back, and leaves then; seconds since 1970. */
  readonly leaving: bigint;
  readonly leavesAt: number;
  /** What time the chain has. */
  readonly now: number;
}

/** A provider's money, and what moves it. */
export interface ProviderPurse {
  readonly token: TokenFacts;
  /** @throws CommandError while the chain is not known */
  look(): Promise<ProviderMoney>;
  /**
   * Moves money by the provider that runs, so that none of its calls and of these takes the place of another; where none runs, by its wallet, whose
   * password is asked for. Gives how much it was. @throws CommandError, OrreryError
   */
  move(move: MoneyMove): Promise<bigint>;
}

/** Opens the money of the provider that is meant: by its file, or one of a bench. @throws CommandError where the node does not answer */
export async function openPurse(input: CommandInput, terminal: Terminal): Promise<ProviderPurse> {
  const { url, chainId, contracts, clock, account, pollMs, moveBy } = await placeOf(input, terminal);
  const node = createEvmNode({ url });
  const options = { node, clock, chainId, contracts, pollMs };
  const token = await readTokenFacts(node, contracts.token).catch((cause: unknown) => {
    throw unknownChain(`the node at ${url} does not answer for token ${contracts.token}`, cause);
  });
  return {
    token,
    look: async () => {
      const reading = await createEvmReader(options).read({ accounts: [account] }, "latest");
      if (reading.kind === "unknown") throw unknownChain(reading.why);
      const [own] = reading.state.accounts;
      if (own === undefined) throw unknownChain("it did not answer");
      const { balance, stake } = own;
      return {
        ...{ account, contract: balance, free: stake.free, locked: stake.locked },
        ...{ leaving: stake.unbonding, leavesAt: stake.unbonding === 0n ? 0 : stake.unbondedAt },
        wallet: await readTokenBalance(node, { token: contracts.token, account }),
        now: reading.block.at,
      };
    },
    move: (move) =>
      moveBy(move, async (key) => {
        const coin = await node.ask("eth_getBalance", [key.address, "latest"]).catch(() => undefined); // An unknown chain is told by what follows.
        if (coin === "0x0")
          terminal.say(
            `Wallet ${account} has none of the chain's own coin: calls wait until it has some for gas, 5 min at most`,
          );
        return createEvmLeaseChain({ ...options, key });
      }),
  };
}

/** Makes the contracts as a wallet uses them. */
type ChainOf = (key: LocalAccount) => Promise<LeaseChain>;

/** Where the money is, whose, and what moves it. */
async function placeOf(input: CommandInput, terminal: Terminal) {
  const named = benchProviderOf(input, terminal);
  if (named !== undefined) return await benchPlaceOf(named, findMarket(input, terminal));
  const file = await readProviderFile(input, terminal);
  const { url, id, leases, token, registry } = file.config.chain;
  const contracts: Contracts = { leases, token, registry };
  const { clock } = await openMarketClock(undefined);
  const moveBy = (move: MoneyMove, chainOf: ChainOf) =>
    askMoney(file.data, move).catch(async (error: unknown) => {
      if (!isOrreryError(error) || error.code !== "unavailable") throw error;
      return await moveMoney(await chainOf(await openProviderKey(file, input, terminal)), move);
    });
  return { url, chainId: id, contracts, clock, account: accountIn(walletFileOf(file)), moveBy, pollMs: 1_000 };
}

async function benchPlaceOf({ name, bench, folder }: BenchProviderPlace, market: FoundMarket) {
  const { clock } = await openMarketClock(market);
  const wallet = join(folder, name, "wallet.json");
  if (statSync(wallet, { throwIfNoEntry: false }) === undefined)
    throw new CommandError(`Cannot find provider "${name}" of the bench`, {
      exit: EXIT.notFound,
      tip: "orrery dev status",
    });
  const moveBy = async (move: MoneyMove) =>
    BigInt((await askBench(bench, "money", { name, move: printRecord(move) })).moved);
  return { ...market.chain, clock, account: accountIn(wallet), moveBy, pollMs: 20 };
}

function accountIn(file: string): Account {
  return accountOf(file, statSync(file).size);
}

function unknownChain(why: string, cause?: unknown): CommandError {
  return new CommandError(`Cannot look at the stake: the chain is not known (${why})`, { exit: EXIT.notFound, cause });
}

/** What a provider has, for people. */
export function moneyRows(money: ProviderMoney, token: TokenFacts): string[][] {
  const amount = (units: bigint) => printAmount(units, token);
  const { wallet, contract, free, locked, leaving, leavesAt, now } = money;
  const leaves =
    leaving === 0n
      ? "of what orrery provider unstake asked back"
      : now >= leavesAt
        ? "can be withdrawn"
        : `can be withdrawn from ${timeText(leavesAt * 1_000)} on`;
  return [
    ["stake, free", amount(free), "new leases lock of it what their terms have at stake"],
    ["stake, locked", amount(locked), "for leases, until they are settled"],
    ["stake, leaving", amount(leaving), leaves],
    ["contract", amount(contract), "what leases paid, and what was put in: can be withdrawn"],
    ["wallet", amount(wallet), money.account],
  ];
}
