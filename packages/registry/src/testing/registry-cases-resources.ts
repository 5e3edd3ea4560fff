import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openTestRegistry } from "../conformance/test-registry.ts";
import { expectRefusal } from "./expect-refusal.ts";
import { OPERATOR, type OpenRegistry } from "./registry-case.ts";

/** What becomes of resources, from their creation to their removal. */
export function testResources(open: OpenRegistry): void {
  describe("resources", () => {
    it("are created, changed, listed and removed", async () => {
      await using registry = await open();
      const first = await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      assert.deepEqual(first, { address: "demo.test", revision: 1, changed: true });
      await registry.create({ address: "demo.test:files", kind: "FileSystem" }, OPERATOR);
      await registry.change({ address: "demo.test", properties: { title: "Hi" }, labels: { team: "a" } }, OPERATOR);
      const { properties, labels, status, owner, created, revision } = await registry.get("demo.test", OPERATOR);
      assert.deepEqual(
        { properties, labels, status, owner, created, revision },
        {
          properties: { title: "Hi" },
          labels: { team: "a" },
          status: { state: "Ready" },
          owner: "operator",
          created: 1,
          revision: 3,
        },
      );
      const page = await registry.list({ selector: "demo.test:**" }, OPERATOR);
      assert.deepEqual([page.resources.map(({ address }) => address), page.revision], [["demo.test:files"], 3]);
      await registry.change({ address: "demo.test", properties: { title: undefined } }, OPERATOR);
      assert.deepEqual((await registry.get("demo.test", OPERATOR)).properties, {});
      await registry.remove({ address: "demo.test", recursive: true }, OPERATOR);
      assert.deepEqual((await registry.list({ selector: "**" }, OPERATOR)).resources, []);
    });

    it("are refused where they may not be, with what would work", async () => {
      await using registry = await open();
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      await registry.create({ address: "demo.test:files", kind: "FileSystem" }, OPERATOR);
      const create = (address: string, kind: string) => registry.create({ address, kind }, OPERATOR);
      await expectRefusal(create("demo.test", "Space"), "already_exists", "the address is already in use, by a Space");
      await expectRefusal(create("no.test:x", "FileSystem"), "not_found", 'its parent "no.test" is missing');
      await expectRefusal(
        create("demo.test:files:x", "Space"),
        "failed_precondition",
        "it may not lie in a FileSystem, only at the top",
      );
      await expectRefusal(create("demo.test:x", "Sapce"), "invalid_argument", 'did you mean "Space"?');
      await expectRefusal(
        create("demo.test:files:/x/", "File"),
        "invalid_argument",
        "is a directory, a File ends in a file",
      );
      await expectRefusal(create("hub.test::demo.test:x", "Base"), "invalid_argument", "it is of another network");
      await expectRefusal(registry.get("demo.test:nowhere", OPERATOR), "not_found", "there is no such resource");
      await expectRefusal(
        registry.remove({ address: "demo.test" }, OPERATOR),
        "failed_precondition",
        '"demo.test:files" is in it',
      );
      assert.equal(registry.revision(), 2);
    });

    it("are refused at addresses that are in use, also where that was not in memory, and come and go in one moment", async () => {
      const database = (await open()).database;
      await using first = await openTestRegistry({ database });
      await first.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      await first.create({ address: "demo.test:a", kind: "Base", properties: { title: "kept" } }, OPERATOR);
      await using registry = await openTestRegistry({ database });
      const create = (address: string) => registry.create({ address, kind: "Base" }, OPERATOR);
      const remove = (address: string) => registry.remove({ address }, OPERATOR);
      const ends = await Promise.allSettled([
        create("demo.test:x"),
        create("demo.test:a"),
        create("demo.test:b"),
        remove("demo.test:b"),
        create("demo.test:c"),
      ]);
      assert.deepEqual(
        ends.map(({ status }) => status),
        ["fulfilled", "rejected", "fulfilled", "fulfilled", "fulfilled"],
      );
      await using again = await openTestRegistry({ database });
      const both = await Promise.allSettled([
        again.create({ address: "demo.test:a", kind: "Base" }, OPERATOR),
        again.remove({ address: "demo.test:a", ifRevision: 2 }, OPERATOR),
      ]);
      assert.deepEqual(
        both.map(({ status }) => status),
        ["rejected", "fulfilled"],
      );
      const { resources } = await again.list({ selector: "**" }, OPERATOR);
      assert.deepEqual(
        resources.map(({ address }) => address),
        ["demo.test", "demo.test:c", "demo.test:x"],
      );
    });

    it("are made by three strategies", async () => {
      await using registry = await open();
      const space = { address: "demo.test", kind: "Space", properties: { title: "a" } };
      await registry.create(space, OPERATOR);
      assert.equal(
        (await registry.create({ ...space, properties: { title: "b" }, strategy: "ensure" }, OPERATOR)).changed,
        false,
      );
      assert.equal((await registry.get("demo.test", OPERATOR)).properties["title"], "a");
      assert.equal(
        (await registry.create({ ...space, properties: { title: "b" }, strategy: "update" }, OPERATOR)).changed,
        true,
      );
      assert.equal(
        (await registry.create({ ...space, properties: { title: "b" }, strategy: "update" }, OPERATOR)).changed,
        false,
      );
      assert.equal((await registry.get("demo.test", OPERATOR)).properties["title"], "b");
      await expectRefusal(
        registry.create({ address: "demo.test", kind: "Base", strategy: "ensure" }, OPERATOR),
        "failed_precondition",
        "it is a Space",
      );
    });

    it("lie in directories that are made on the way", async () => {
      await using registry = await open();
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      await registry.create({ address: "demo.test:f", kind: "FileSystem" }, OPERATOR);
      await registry.create({ address: "demo.test:f:/a/b/c.txt", kind: "File", directories: true }, OPERATOR);
      const list = async (selector: string) =>
        (await registry.list({ selector }, OPERATOR)).resources.map(({ address }) => address);
      assert.deepEqual(await list("demo.test:f:**"), [
        "demo.test:f:/a/",
        "demo.test:f:/a/b/",
        "demo.test:f:/a/b/c.txt",
      ]);
      assert.deepEqual(await list("demo.test:f:/*"), ["demo.test:f:/a/"]);
      assert.deepEqual(await list("demo.test:**<File>"), ["demo.test:f:/a/b/c.txt"]);
    });

    it("are listed page by page, all and once", async () => {
      await using registry = await open();
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      const wanted = Array.from({ length: 57 }, (_, n) => `demo.test:b${n}`).sort();
      await Promise.all(wanted.map((address) => registry.create({ address, kind: "Base" }, OPERATOR)));
      const seen: string[] = [];
      for (let after: string | undefined; ; ) {
        const page = await registry.list(
          { selector: "demo.test:*", limit: 10, ...(after === undefined ? {} : { after }) },
          OPERATOR,
        );
        seen.push(...page.resources.map(({ address }) => address));
        if (page.next === undefined) break;
        after = page.next;
      }
      assert.deepEqual(seen, wanted);
    });

    it("change only at the revision that was asked for", async () => {
      await using registry = await open();
      const { revision } = await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      const change = (title: string) =>
        registry.change({ address: "demo.test", properties: { title }, ifRevision: revision }, OPERATOR);
      const ends = await Promise.allSettled(["a", "b", "c"].map(change));
      assert.deepEqual(
        ends.map(({ status }) => status),
        ["fulfilled", "rejected", "rejected"],
      );
      assert.equal((await registry.get("demo.test", OPERATOR)).properties["title"], "a");
    });

    it("do a named request once, and refuse another of its name", async () => {
      await using registry = await open();
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      const by = { ...OPERATOR, requestId: "r1" };
      const [first, second] = await Promise.all(
        [1, 2].map(() => registry.create({ address: "demo.test:a", kind: "Base" }, by)),
      );
      assert.deepEqual([first?.changed, second?.changed], [true, false]);
      assert.equal((await registry.create({ address: "demo.test:a", kind: "Base" }, by)).changed, false);
      await expectRefusal(
        registry.create({ address: "demo.test:b", kind: "Base" }, by),
        "already_exists",
        "another request of that name",
      );
    });
  });
}
