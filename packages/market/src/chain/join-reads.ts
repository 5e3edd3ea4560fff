import type { BlockTag, ChainQuery, LeaseChain, Reading } from "./lease-chain.ts";

/** Leases and accounts of one reading, at most, where several ask for them. */
export const JOINED_MAX = 100;

/** What waits for a reading. */
interface Asked {
  readonly query: ChainQuery;
  readonly answer: PromiseWithResolvers<Reading>;
}

/**
 * A chain that many in one process read: of each kind of block one reading is on its way at a time, and what is asked meanwhile is read together after it. A
 * node is asked for its newest block once for all of them, and by no more at once the more there are.
 */
export function joinReads(chain: LeaseChain): LeaseChain {
  const waiting = new Map<BlockTag, Asked[]>();
  const readOn = async (at: BlockTag, asked: Asked[]) => {
    while (asked.length > 0) await readTogether(chain, takeSome(asked), at);
    waiting.delete(at);
  };
  return {
    domain: chain.domain,
    account: chain.account,
    send: (call) => chain.send(call),
    follow: (wish) => chain.follow(wish),
    read: async (query, at) => {
      if (query.providers === true) return await chain.read(query, at);
      const answer = Promise.withResolvers<Reading>();
      const known = waiting.get(at);
      const asked = known ?? [];
      asked.push({ query, answer });
      waiting.set(at, asked);
      if (known === undefined) void readOn(at, asked);
      return await answer.promise;
    },
  };
}

/** Takes those who asked first, as many as fit into one reading; one at least. */
function takeSome(asked: Asked[]): readonly Asked[] {
  let size = 0;
  const over = asked.findIndex(({ query }, place) => {
    size += (query.leases?.length ?? 0) + (query.accounts?.length ?? 0);
    return place > 0 && size > JOINED_MAX;
  });
  return asked.splice(0, over === -1 ? asked.length : over);
}

/** Reads what all of them want at one block, and gives each its own. */
async function readTogether(chain: LeaseChain, some: readonly Asked[], at: BlockTag): Promise<void> {
  const union = <T>(of: (query: ChainQuery) => readonly T[] | undefined) => [
    ...new Set(some.flatMap(({ query }) => of(query) ?? [])),
  ];
  const [leases, accounts] = [union((query) => query.leases), union((query) => query.accounts)];
  try {
    const reading = await chain.read({ leases, accounts }, at);
    for (const { query, answer } of some) answer.resolve(ownOf(reading, query, { leases, accounts }));
  } catch (error) {
    for (const { answer } of some) answer.reject(error);
  }
}

function ownOf(reading: Reading, query: ChainQuery, all: Required<Pick<ChainQuery, "leases" | "accounts">>): Reading {
  if (reading.kind === "unknown") return reading;
  const { state, block, kind } = reading;
  const own = <T, S>(wanted: readonly T[] | undefined, names: readonly T[], found: readonly S[]): readonly S[] =>
    (wanted ?? []).map((one) => found[names.indexOf(one)] as S);
  return {
    ...{ kind, block },
    state: {
      leases: own(query.leases, all.leases, state.leases),
      accounts: own(query.accounts, all.accounts, state.accounts),
      providers: [],
    },
  };
}
