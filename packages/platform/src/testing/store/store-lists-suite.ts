import assert from "node:assert/strict";
import { it } from "node:test";
import { nextOf } from "../../store/create-space-store.ts";
import { STORE_OFFSET_MAX } from "../../store/limits.ts";
import { expectRefusal } from "../expect-refusal.ts";
import { OWNER, type SpaceWorld } from "../space-world.ts";
import { openStore } from "./open-store.ts";

/** What lists of stores do, whichever PostgreSQL keeps them. */
export function testStoreLists(world: () => SpaceWorld): void {
  it("lists keys in the order of their bytes, those of a prefix alone, and from either end", async () => {
    const { store, space, keys } = await openStore(world());
    const all = [
      "a",
      "b",
      "B",
      "a/",
      "a/b",
      "a0",
      "ä",
      "\uffff",
      "\u{10000}",
      "a\u{10ffff}",
      "a\u{10ffff}x",
      "_",
      "é",
      "e\u0301",
    ];
    await store.write({ space, writes: all.map((key) => ({ key, value: Buffer.from(key) })) }, OWNER);
    const sorted = all.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    assert.deepEqual(await keys(), sorted);
    assert.deepEqual(await keys({ descending: true }), sorted.toReversed());
    for (const prefix of ["a", "a/", "a\u{10ffff}", "\ud7ff", "\uffff", "x"]) {
      assert.deepEqual(
        await keys({ prefix }),
        sorted.filter((key) => key.startsWith(prefix)),
        prefix,
      );
    }
    const { entries } = await store.list({ space, prefix: "a/", keysOnly: true }, OWNER);
    assert.deepEqual(
      entries.map(({ key, value }) => [key, value.length]),
      [
        ["a/", 0],
        ["a/b", 0],
      ],
    );
  });

  it("gives each of 1,000 keys once, page by page, by offset and by where the page before ended", async () => {
    const { store, space, set } = await openStore(world());
    const all = Array.from({ length: 1_000 }, (_, n) => `k${String(n).padStart(4, "0")}`);
    await store.write({ space, writes: all.map((key) => ({ key, value: Buffer.from(key) })) }, OWNER);
    await set("other", "x");
    const byOffset: string[] = [];
    for (let offset = 0; offset < 1_000; offset += 250)
      byOffset.push(
        ...(await store.list({ space, prefix: "k", limit: 250, offset }, OWNER)).entries.map(({ key }) => key),
      );
    assert.deepEqual(byOffset, all);
    for (const descending of [false, true]) {
      const seen: string[] = [];
      for (let after = ""; ; ) {
        const page = await store.list({ space, prefix: "k", limit: 300, descending, after }, OWNER);
        seen.push(...page.entries.map(({ key }) => key));
        if (page.next === undefined) break;
        after = page.next;
        await set(descending ? "k9999" : "k", "behind the page"); // What is written meanwhile moves nothing.
      }
      assert.deepEqual(
        seen.filter((key) => all.includes(key)),
        descending ? all.toReversed() : all,
      );
    }
  });

  it("ends a page early where values are large, and goes on behind it", async () => {
    const { store, space, set } = await openStore(world());
    for (const key of ["a", "b", "c", "d", "e"]) await set(key, key.repeat(900_000));
    const pages: string[] = [];
    for (let after = ""; ; ) {
      const { entries, next } = await store.list({ space, after }, OWNER);
      pages.push(entries.map(({ key }) => key).join(""));
      if (next === undefined) break;
      after = next;
    }
    assert.deepEqual(pages, ["abc", "de"]);
  });

  it("refuses to go on behind what is no end of a page, and to pass over too many", async () => {
    const { store, space } = await openStore(world());
    const list = (more: object) => store.list({ space, prefix: "k", ...more }, OWNER);
    for (const after of [nextOf("a"), "%%%", Buffer.from([0x6b, 0xff]).toString("base64url")])
      await expectRefusal(list({ after }), "invalid_argument", "no page of this list ended there");
    await expectRefusal(list({ offset: STORE_OFFSET_MAX + 1 }), "invalid_argument", "go on by next");
  });
}
