import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { leaseName } from "../lease/typed-data.ts";
import { addressOf, termsOf } from "../testing/chain/chain-harness.ts";
import { JOINED_MAX, joinReads } from "./join-reads.ts";
import type { ChainQuery } from "./lease-chain.ts";
import { MemoryChain } from "./memory/memory-chain.ts";

/** A chain whose readings are counted, and come when they are let to. */
function counted() {
  const memory = new MemoryChain({ clock: { now: () => 2_000_000_000_000 } });
  const inner = memory.connect(addressOf("provider"));
  const queries: ChainQuery[] = [];
  const gate = Promise.withResolvers<void>();
  const chain = joinReads({
    ...inner,
    read: async (query, at) => {
      queries.push(query);
      await gate.promise;
      return await inner.read(query, at);
    },
  });
  return { memory, chain, queries, open: () => gate.resolve() };
}

const lease = (nonce: number) => leaseName(termsOf(nonce, 2_000_000_000));

describe("joinReads", () => {
  it("reads together what is asked while a reading is on its way, and gives each its own", async () => {
    const { memory, chain, queries, open } = counted();
    for (const who of ["provider", "publisher"] as const) {
      memory.mint(addressOf(who), 50n);
      const own = memory.connect(addressOf(who));
      await own.send({ kind: "approve", amount: 50n });
      await own.send({ kind: "deposit", account: addressOf(who), amount: who === "provider" ? 10n : 20n });
    }
    const first = chain.read({ leases: [lease(1)] }, "latest");
    const both = { leases: [lease(2), lease(1)], accounts: [addressOf("publisher"), addressOf("provider")] };
    const rest = [
      chain.read(both, "latest"),
      chain.read({ accounts: [addressOf("provider")] }, "latest"),
      chain.read({}, "latest"),
      chain.read({ leases: [lease(1)] }, "finalized"),
      chain.read({ providers: true }, "latest"),
    ];
    open();
    const readings = await Promise.all([first, ...rest]);
    assert.equal(queries.length, 4, "the first, those that waited, another kind of block, and all providers");
    const states = readings.map((one) => (one.kind === "known" ? one.state : assert.fail()));
    assert.deepEqual(
      states.map(({ leases, accounts }) => [leases.map(({ stage }) => stage), accounts.map(({ balance }) => balance)]),
      [
        [["None"], []],
        [
          ["None", "None"],
          [20n, 10n],
        ],
        [[], [10n]],
        [[], []],
        [["None"], []],
        [[], []],
      ],
    );
    await chain.read({ leases: [lease(1)] }, "latest");
    assert.equal(queries.length, 5, "and reads again for whoever asks later");
  });

  it("reads no more at once than fits, however many ask", async () => {
    const { chain, queries, open } = counted();
    const asked = Array.from({ length: 2 * JOINED_MAX + 2 }, (_, nonce) =>
      chain.read({ leases: [lease(nonce)] }, "latest"),
    );
    open();
    await Promise.all(asked);
    assert.deepEqual(
      queries.map(({ leases }) => leases?.length),
      [1, JOINED_MAX, JOINED_MAX, 1],
    );
  });

  it("tells all of them that nothing is known, and reads anew for the next", async () => {
    const { memory, chain, open } = counted();
    memory.cut("the node cannot be reached");
    const asked = [1, 2, 3].map((nonce) => chain.read({ leases: [lease(nonce)] }, "latest"));
    open();
    assert.deepEqual(
      (await Promise.all(asked)).map(({ kind }) => kind),
      ["unknown", "unknown", "unknown"],
    );
    memory.cut(undefined);
    assert.equal((await chain.read({ leases: [lease(1)] }, "latest")).kind, "known");
  });
});
