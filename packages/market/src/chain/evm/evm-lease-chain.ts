import type { Clock } from "@orrery/core";
import type { LocalAccount } from "viem";
import type { Account } from "../../lease/terms.ts";
import { type Contracts, sayCall, transactionOf } from "../calls.ts";
import type { LeaseChain, Reading } from "../lease-chain.ts";
import { type EvmNode, lookAt, whyOf } from "./evm-node.ts";
import { followEvents } from "./follow-events.ts";
import { readState } from "./read-state.ts";
import { assertTimes, createSender } from "./sender.ts";

/** Which contracts, by which node, for whom. */
export interface EvmLeaseChainOptions {
  /** The node that is asked: `createEvmNode` over HTTP. */
  readonly node: EvmNode;
  /** Paces polls, and tells how old the newest block is. */
  readonly clock: Clock;
  /** A node of another chain is not listened to. */
  readonly chainId: number;
  /** Addresses of the contracts on that chain. */
  readonly contracts: Contracts;
  /** Signs transactions. There is one chain for a key in a process: it alone gives nonces. */
  readonly key: LocalAccount;
  /** How often the node is asked. Default: 1 s. */
  readonly pollMs?: number;
  /** A transaction that no block has for so long is sent again with higher fees. Default: 30 s. */
  readonly resendMs?: number;
  /** After so long the end of a transaction is unknown. Default: 5 min. */
  readonly boundMs?: number;
  /** A node whose newest block is older is behind. Default: 2 min. */
  readonly staleAfterMs?: number;
}

/** What reading takes: nobody's key. */
export type EvmReaderOptions = Pick<EvmLeaseChainOptions, "node" | "clock" | "chainId" | "contracts" | "staleAfterMs">;

/** The contracts of the market on an EVM chain, for whoever only looks. */
export function createEvmReader(options: EvmReaderOptions): Pick<LeaseChain, "read"> {
  const { node, clock, chainId, contracts, staleAfterMs = STALE_AFTER_MS } = options;
  return {
    read: async (query, at) => {
      const look = await lookAt({ node, clock, chainId, staleAfterMs }, at);
      if (look.kind === "unknown") return look;
      try {
        return {
          kind: "known",
          block: look.block,
          state: await readState(query, { node, contracts, block: look.block }),
        };
      } catch (error) {
        return { kind: "unknown", why: whyOf(error) } satisfies Reading;
      }
    },
  };
}

const STALE_AFTER_MS = 120_000;

/** The contracts of the market on an EVM chain. @throws OrreryError `invalid_argument` for times that cannot be */
export function createEvmLeaseChain(options: EvmLeaseChainOptions): LeaseChain {
  const { node, clock, chainId, contracts, key } = options;
  const { pollMs = 1_000, resendMs = 30_000, boundMs = 300_000, staleAfterMs = STALE_AFTER_MS } = options;
  assertTimes({ pollMs, resendMs, boundMs });
  const health = { node, clock, chainId, staleAfterMs };
  const sender = createSender({ ...health, key, pollMs, resendMs, boundMs });
  const addresses = [contracts.leases, contracts.registry];
  return {
    domain: { chainId, contract: contracts.leases },
    account: key.address.toLowerCase() as Account,
    send: (call) => sender.send({ ...transactionOf(call, contracts), what: sayCall(call) }),
    ...createEvmReader(options),
    follow: (wish) => followEvents({ ...health, addresses, pollMs }, wish),
  };
}
