import assert from "node:assert/strict";
import { it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import {
  STORE_BATCH_BYTES_MAX,
  STORE_KEY_BYTES_MAX,
  STORE_TTL_MS_MAX,
  STORE_VALUE_BYTES_MAX,
  STORE_WRITES_MAX,
} from "../../store/limits.ts";
import type { WriteEntry } from "../../store/space-store.ts";
import { expectRefusal } from "../expect-refusal.ts";
import { OPERATOR, OTHER, OWNER, type SpaceWorld } from "../space-world.ts";
import { openStore } from "./open-store.ts";

/** What stores do with single entries and batches, whichever PostgreSQL keeps them. */
export function testStore(world: () => SpaceWorld): void {
  it("keeps values to the byte, under any key, in tables and databases of their own", async () => {
    const { store, space, entry, set, get } = await openStore(world());
    const value = Uint8Array.from({ length: 256 }, (_, n) => n);
    const tables: Partial<WriteEntry>[] = [
      {},
      { table: "orders" },
      { database: "shop" },
      { database: "shop", table: "orders" },
    ];
    const writes = tables.map((where, n) => ({ ...where, key: "ü '\\\" {}", value: Uint8Array.of(...value, n) }));
    await store.write({ space, writes }, OWNER);
    for (const { value: wanted, ...where } of writes)
      assert.deepEqual(new Uint8Array((await store.get({ space, ...where }, OWNER)).value), wanted);
    await set("a", "1");
    await set("a", "");
    assert.deepEqual([await get("a"), (await entry("a")).version], ["", 6]);
    const told = await store.tables({ space }, OWNER);
    const bytes = Buffer.byteLength("ü '\\\" {}") + 257;
    const table = (database: string, name: string) => ({ database, table: name, entries: 1, bytes });
    const main = { database: "main", table: "main", entries: 2, bytes: bytes + 1 };
    assert.deepEqual(told, [main, table("main", "orders"), table("shop", "main"), table("shop", "orders")]);
    assert.equal((await store.tables({ space, database: "shop" }, OWNER)).length, 2);
    await expectRefusal(get("b"), "not_found", 'Cannot get "b": there is no such entry in main/main');
  });

  it("lets an entry go when its time is over, by the clock, and tells nobody of it from then on", async () => {
    const { pass, set, get, keys, entry, remove, store } = await openStore(world());
    const first = await set("a", "1", { ttlMs: 1_000 });
    await set("b", "2");
    assert.deepEqual((await entry("a")).expires, 1_001_000);
    pass(999);
    assert.deepEqual([await get("a"), await keys()], ["1", ["a", "b"]]);
    pass(1);
    await expectRefusal(get("a"), "not_found");
    assert.deepEqual([await keys(), await remove("a")], [["b"], -1]);
    await set("a", "3", { ttlMs: 10 });
    pass(10);
    await expectRefusal(set("a", "4", { ifVersion: first }), "aborted", "there is none");
    await set("a", "4", { ifVersion: 0, ttlMs: 5 });
    pass(5);
    assert.equal(await store.sweep(), 1);
    assert.equal(await store.sweep(), 0);
    assert.deepEqual(await keys(), ["b"]);
  });

  it("sets and removes at a version alone where it is told, and an entry that is made again has another", async () => {
    const { set, remove, get, space } = await openStore(world());
    const one = await set("a", "1", { ifVersion: 0 });
    const refusal = await expectRefusal(set("a", "x", { ifVersion: 0 }), "aborted", `it is at version ${one}`);
    assert.deepEqual(refusal.details, { key: "a", version: one });
    const two = await set("a", "2", { ifVersion: one });
    await expectRefusal(remove("a", { ifVersion: one }), "aborted", `Cannot remove "a" at version ${one}`);
    assert.equal(await remove("a", { ifVersion: two }), 0);
    await expectRefusal(set("a", "x", { ifVersion: two }), "aborted", "there is none");
    assert.ok((await set("a", "3")) > two);
    const beside = await openStore(world(), space); // As another process would write.
    await set("n", "0");
    const add = async ({ set: put, entry }: typeof beside) => {
      for (;;) {
        const { value, version } = await entry("n");
        const next = String(Number(Buffer.from(value).toString()) + 1);
        const isSet = await put("n", next, { ifVersion: version }).catch(() => 0);
        if (isSet > 0) return isSet;
      }
    };
    const own = await openStore(world(), space);
    const versions = await Promise.all(Array.from({ length: 20 }, (_, n) => add(n % 2 === 0 ? own : beside)));
    assert.deepEqual([await get("n"), new Set(versions).size], ["20", 20]);
  });

  it("does a batch whole or not at all, each write over those before it", async () => {
    const { store, space, keys, get } = await openStore(world());
    const value = Buffer.from("v");
    const writes = [
      { key: "a", value },
      { key: "b", value },
      { key: "a" },
      { key: "b", value: Buffer.from("w"), ifVersion: 2 },
      { key: "c" },
    ];
    assert.deepEqual(await store.write({ space, writes }, OWNER), [1, 2, 0, 3, -1]);
    assert.deepEqual([await keys(), await get("b")], [["b"], "w"]);
    const failing = store.write(
      {
        space,
        writes: [
          { key: "d", value },
          { key: "b", ifVersion: 2 },
        ],
      },
      OWNER,
    );
    await expectRefusal(failing, "aborted", "it is at version 3");
    await world().grant(space, "rw", "[store]:main:mine");
    const own = { key: "d", table: "mine", value };
    await expectRefusal(store.write({ space, writes: [own, { key: "d", value }] }, OTHER), "permission_denied");
    assert.deepEqual([await keys(), await keys({ table: "mine" })], [["b"], []]);
  });

  it("holds a Space to its quota, files included, to the byte, and counts right whatever is written", async () => {
    const { store, space, set, remove, pass } = await openStore(world());
    const random = createSeededRandom(3);
    for (let n = 0; n < 60; n++) {
      const key = `k${random.integer(12)}`;
      const time = random.integer(3) === 0 ? { ttlMs: 1 + random.integer(50) } : {};
      if (random.integer(4) === 0) await remove(key);
      else await set(key, "x".repeat(random.integer(200)), time);
      pass(random.integer(10));
      if (random.integer(10) === 0) await store.sweep();
    }
    pass(1_000);
    await store.sweep();
    const bytes = (await store.tables({ space }, OWNER)).reduce((sum, one) => sum + one.bytes, 0);
    await world().registry.change({ address: space, properties: { quota: { bytes: bytes + 100 } } }, OPERATOR);
    await expectRefusal(
      set("q", "x".repeat(100)),
      "resource_exhausted",
      `quota: ${bytes + 101} of ${bytes + 100} bytes in "${space}"`,
    );
    await set("q", "x".repeat(99));
    await set("q", "x".repeat(98));
    await remove("q");
    await set("r", "x".repeat(99));
  });

  it("keeps Spaces apart, and gives one that is made anew nothing of the one before", async () => {
    const { store, space, set, keys } = await openStore(world());
    const other = await openStore(world());
    await set("a", "1");
    await other.set("b", "2");
    assert.deepEqual([await keys(), await other.keys()], [["a"], ["b"]]);
    const { created } = await world().registry.get(space, OPERATOR);
    assert.ok((await store.spaces()).includes(created));
    await world().registry.remove({ address: space, recursive: true }, OPERATOR);
    await world().space(space);
    assert.deepEqual([await keys(), await set("c", "3")], [[], 1]);
    await store.drop(created);
    assert.ok(!(await store.spaces()).includes(created));
    assert.deepEqual([await keys(), await other.keys()], [["c"], ["b"]]);
  });

  it("takes keys, values and batches of the greatest size, and nothing larger", async () => {
    const { store, space, set } = await openStore(world());
    await set("ü".repeat(STORE_KEY_BYTES_MAX / 2), "x".repeat(STORE_VALUE_BYTES_MAX));
    const write = (writes: readonly WriteEntry[]) => store.write({ space, writes }, OWNER);
    const value = Buffer.alloc(STORE_VALUE_BYTES_MAX);
    const many = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ key: `m${n}`, value: Buffer.from("v") }));
    await write(many(STORE_WRITES_MAX));
    const refused: [Promise<unknown>, string][] = [
      [set("", "x"), "Cannot use an empty key"],
      [set(`${"ü".repeat(STORE_KEY_BYTES_MAX / 2)}x`, ""), "up to 1024 fit"],
      [set("a\0b", "x"), "the one of number 0"],
      [set("\ud800", "x"), "what is no character"],
      [set("a", `${"x".repeat(STORE_VALUE_BYTES_MAX)}x`), "up to 1048576 fit"],
      [set("a", "x", { ttlMs: STORE_TTL_MS_MAX + 1 }), "from 1 to"],
      [set("a", "x", { table: "No" }), "it is no name"],
      [write([]), "Cannot write nothing"],
      [write(many(STORE_WRITES_MAX + 1)), "up to 1000 fit"],
      [
        write(Array.from({ length: STORE_BATCH_BYTES_MAX / value.length + 1 }, (_, n) => ({ key: `${n}`, value }))),
        "write fewer entries",
      ],
    ];
    for (const [doing, text] of refused) await expectRefusal(doing, "invalid_argument", text);
  });
}
