import { join } from "node:path";
import { type Clock, createSystemRandom } from "@orrery/core";
import {
  type AttestPolicy,
  amountsJson,
  createEvmLeaseChain,
  createEvmNode,
  createPublisher,
  createSignatureChecks,
  type EvmNode,
  fetchImage,
  openArtifactRecord,
  openLeaseRecords,
  type Publisher,
  type PublisherOptions,
  packFolder,
  sealKeyOfWallet,
  type TokenFacts,
} from "@orrery/market";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { begun } from "./begun.ts";
import { RECORD_FILE, recordsFolder } from "./key-records.ts";
import { openMarketClock } from "./market-clock.ts";
import { type FoundMarket, findMarket } from "./market-file.ts";
import { openWallet } from "./open-wallet.ts";
import { readToken } from "./read-token.ts";

/** What a command about the market works with. */
export interface MarketContext {
  readonly input: CommandInput;
  readonly terminal: Terminal;
  readonly isJson: boolean;
  readonly market: FoundMarket;
  readonly node: EvmNode;
  readonly token: TokenFacts;
  /** Tells the market's time: on a bench, the bench's. */
  readonly clock: Clock;
  readonly publisher: Publisher;
  /** The same publisher, which tells its steps to somebody else. */
  readonly publisherWith: (onStep: (step: string) => void) => Publisher;
  /** Whole path of the folder in which the wallet's records are. */
  readonly records: string;
  /** Has the clock of a bench stand, and be known, until what this gives is called, for some seconds at most. Elsewhere time passes by itself. */
  holdTime(): Promise<() => Promise<void>>;
  /** Learns what time it is on a bench. Elsewhere time passes by itself. */
  readTime(): Promise<void>;
  /** Writes what came of it: for people, or as JSON. */
  tell(text: string, facts: object): Promise<void>;
}

/** Makes the handler of a command about the market. */
export function marketCommand(work: (context: MarketContext) => Promise<ExitCode | undefined>) {
  return async (input: CommandInput, terminal: Terminal): Promise<ExitCode> => {
    const context = await openMarket(input, terminal);
    return (await work(context)) ?? EXIT.done;
  };
}

async function openMarket(input: CommandInput, terminal: Terminal): Promise<MarketContext> {
  const market = findMarket(input, terminal);
  const { url, chainId, contracts } = market.chain;
  const node = createEvmNode({ url });
  const facts = begun(readToken(node, contracts.token)); // While the wallet is opened.
  const { clock, holdTime, readTime } = await openMarketClock(market);
  const isJson = input.text("output") === "json";
  const key = await openWallet(market, input, terminal);
  const token = await facts;
  const random = createSystemRandom();
  const records = join(recordsFolder(market, terminal), key.address.toLowerCase());
  const policy: AttestPolicy = market.policy ?? { kinds: ["tpm2"], issuers: [], base: {}, maxAgeS: 600 };
  const options: PublisherOptions = {
    ...{ key, clock, random, signatures: createSignatureChecks() },
    chain: createEvmLeaseChain({
      node,
      clock,
      chainId,
      contracts,
      key,
      pollMs: market.bench === undefined ? 1_000 : 20,
    }),
    records: openLeaseRecords(join(records, "leases")),
    artifacts: openArtifactRecord({
      path: join(records, RECORD_FILE),
      key: await sealKeyOfWallet(key),
      clock,
      random,
    }),
    policy,
    ...(market.store !== undefined && { store: market.store }),
    ...(market.keyService !== undefined && { keyService: market.keyService }),
    pack: packFolder,
    fetch: (image) => fetchImage(image),
    onStep: (step) => terminal.progress(step),
  };
  return {
    ...{ input, terminal, isJson, market, node, token, clock, records, holdTime, readTime },
    publisher: createPublisher(options),
    publisherWith: (onStep) => createPublisher({ ...options, onStep }),
    tell: async (text, facts) => {
      terminal.progress("");
      await terminal.write(isJson ? `${amountsJson(facts)}\n` : `${text}\n`);
    },
  };
}
