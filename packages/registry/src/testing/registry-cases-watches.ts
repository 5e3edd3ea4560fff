import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { expectRefusal } from "./expect-refusal.ts";
import { openTestRegistry } from "./open-registry.ts";
import { OPERATOR, type OpenRegistry } from "./registry-case.ts";

/** What a watch tells. */
export function testWatches(open: OpenRegistry): void {
  describe("watches", () => {
    it("tell of children, of anything below, and of the end", async () => {
      await using registry = await open();
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      await registry.create({ address: "demo.test:f", kind: "FileSystem" }, OPERATOR);
      await registry.create({ address: "demo.test:f:/x", kind: "File" }, OPERATOR);
      await registry.remove({ address: "demo.test", recursive: true }, OPERATOR);
      await registry.create({ address: "end", kind: "Space" }, OPERATOR);
      const last = registry.revision();
      /** Everything that a selector means, from the first to the last change; a watch of all tells when that is. */
      const collect = async (selector: string) => {
        const seen: string[] = [];
        const stop = new AbortController();
        const watching = (async () => {
          for await (const { parts, resource } of registry.watch(
            { selector, after: 1 },
            { ...OPERATOR, signal: stop.signal },
          ))
            seen.push(`${parts.join()} ${resource.address} ${resource.status.state}`);
        })().catch(() => {});
        for await (const { revision } of registry.watch({ selector: "**", after: 1 }, OPERATOR))
          if (revision === last) break;
        stop.abort();
        await watching;
        return seen;
      };
      assert.deepEqual(await collect("demo.test:*"), ["added demo.test:f Ready", "removed demo.test:f Destroyed"]);
      assert.deepEqual(await collect("demo.test"), ["removed demo.test Destroyed"]);
      assert.deepEqual(await collect("**"), [
        "added demo.test:f Ready",
        "added demo.test:f:/x Ready",
        "removed demo.test:f:/x Destroyed",
        "removed demo.test:f Destroyed",
        "removed demo.test Destroyed",
        "added end Ready",
      ]);
    });

    it("say when what they ask for is forgotten, and go on from a list", async () => {
      await using registry = await open();
      for (const name of ["a", "b", "c"]) await registry.create({ address: name, kind: "Space" }, OPERATOR);
      await registry.compact(2);
      const reopened = await openTestRegistry({ database: registry.database });
      await using later = reopened;
      const first = async (after: number) => {
        for await (const change of later.watch({ selector: "**", after }, OPERATOR)) return change.resource.address;
        return undefined;
      };
      await expectRefusal(first(1), "out_of_range", "changes up to 2 are forgotten, list anew");
      assert.equal(await first(2), "c");
      await expectRefusal(first(9), "out_of_range", "the registry is at 3");
    });
  });
}
