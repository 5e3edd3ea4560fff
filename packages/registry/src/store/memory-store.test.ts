import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import { openEmptyDatabase } from "../conformance/test-registry.ts";
import type { Change, Resource } from "../resource.ts";
import { createMemoryStore } from "./memory-store.ts";
import { migrate } from "./migrate.ts";
import { createSqlStore } from "./sql-store.ts";
import type { Batch, ListPlan } from "./store.ts";

const ADDRESSES = [
  "a.test",
  "a.test:b",
  "a.test:b:c",
  "a.test:f",
  "a.test:f:/x",
  "a.test:f:/x/",
  "a.test:f:/x/ü",
  "b.test",
];
const OWNERS = ["ann", "bob"];

const resourceOf = (address: string, { owner, revision }: { owner: string; revision: number }): Resource => ({
  ...{ address, owner, revision, created: 1, kind: revision % 2 === 0 ? "Base" : "File", properties: { n: revision } },
  ...{ fixed: [], labels: {}, status: { state: "Ready" }, finalizers: [] },
  state: { content: { digest: `sha256:${revision}`, bytes: revision } },
});

/** Batches by chance, some of which are late, or make what is there. */
function* batchesOf(seed: number, count: number): Generator<Batch> {
  const random = createSeededRandom(seed);
  const oneOf = <T>(list: readonly T[]): T => list[random.integer(list.length)] as T;
  for (let revision = 0, n = 0; n < count; n++) {
    const expected = random.integer(6) === 0 ? revision + 1 : revision;
    const next = expected + 1;
    const resource = resourceOf(oneOf(ADDRESSES), { owner: oneOf(OWNERS), revision: next });
    const how = oneOf(["fresh", "put", "removed"] as const);
    const change: Change = { ...{ revision: next, at: n, agent: "ann", parts: ["added"], batch: `${n}` }, resource };
    const until = random.integer(100);
    const request = { agent: "ann", id: `${n % 7}`, digest: `${n}`, address: resource.address, revision: next, until };
    const sent = yield {
      ...{ id: `${n}`, expected, revision: next, fresh: how === "fresh" ? [resource] : [] },
      ...{ put: how === "put" ? [resource] : [], removed: how === "removed" ? [resource.address] : [] },
      ...{ changes: [change], requests: [request] },
    };
    if ((sent as unknown) === "written") revision = next;
  }
}

const PLANS: readonly ListPlan[] = [
  { reach: "below", root: "", limit: 3 },
  { reach: "below", root: "a.test", limit: 100 },
  { reach: "below", root: "a.test:f", after: "a.test:f:/x", limit: 100 },
  { reach: "below", root: "a.test:f:/x/", limit: 100 },
  { reach: "children", root: "", limit: 100 },
  { reach: "children", root: "a.test", kind: "Base", limit: 100 },
  { reach: "kind", root: "File", limit: 100 },
];

describe("createMemoryStore", () => {
  it("does what the store of a database does, whatever is written to it", async () => {
    const database = await openEmptyDatabase();
    await migrate(database);
    const stores = [createMemoryStore(), createSqlStore(database)];
    const both = async (ask: (store: (typeof stores)[number]) => Promise<unknown>) => {
      const [memory, sql] = await Promise.all(stores.map(ask));
      assert.deepEqual(memory, sql);
      return memory;
    };
    const batches = batchesOf(7, 120);
    const endings: unknown[] = [];
    for (let step = batches.next(); step.done !== true; ) {
      const batch = step.value;
      const ending = await both((store) => store.commit(batch));
      endings.push(ending);
      if (endings.length === 80) await both((store) => store.compact(20, 50));
      if (endings.length % 20 === 0) {
        await both((store) => store.head());
        for (const plan of PLANS) await both((store) => store.list(plan));
        await both(async (store) => (await store.load(ADDRESSES)).map((one) => JSON.stringify(one)).sort());
        await both((store) => store.stored({ address: "a.test" }));
        await both((store) => store.stored({ address: "a.test:f", owner: "ann" }));
        await both((store) => store.owned({ owners: ["ann"], outside: "a.test:f", limit: 3 }));
        await both((store) => store.changes(10, 25));
        await both(async (store) =>
          (await store.requests(["1", "3", "none"].map((id) => ({ agent: "ann", id }))))
            .map(({ digest }) => digest)
            .sort(),
        );
      }
      step = batches.next(ending as never);
    }
    assert.deepEqual(new Set(endings), new Set(["written", "moved", "taken"]));
  });

  it("goes on from what was told of it, batch by batch or whole", async () => {
    const told: Batch[] = [];
    const store = createMemoryStore({ onCommit: async (batch) => void told.push(batch) });
    const batches = batchesOf(3, 30);
    for (let step = batches.next(); step.done !== true; )
      step = batches.next((await store.commit(step.value)) as never);
    const all: ListPlan = { reach: "below", root: "", limit: 100 };
    const half = createMemoryStore({ batches: told.slice(0, 5) }).state();
    for (const again of [{ batches: told }, { state: store.state() }, { state: half, batches: told.slice(5) }]) {
      const next = createMemoryStore(again);
      assert.deepEqual(await next.list(all), await store.list(all));
      assert.deepEqual(await next.head(), await store.head());
      assert.deepEqual(await next.changes(3, 100), await store.changes(3, 100));
    }
  });

  it("takes nothing that could not be told", async () => {
    const [batch] = batchesOf(3, 1);
    const store = createMemoryStore({
      onCommit: async () => {
        throw new Error("the disk is full");
      },
    });
    await assert.rejects(store.commit({ ...(batch as Batch), expected: 0 }), /the disk is full/);
    assert.equal((await store.head()).revision, 0);
  });
});
