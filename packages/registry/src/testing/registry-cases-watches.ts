import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openTestRegistry } from "../conformance/test-registry.ts";
import { expectRefusal } from "./expect-refusal.ts";
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

    it("tell of a removal whoever could see what is gone, by what went with it, and nobody else", async () => {
      await using registry = await open();
      const create = (address: string, kind: string, owner = "operator", properties = {}) =>
        registry.create({ address, kind, owner, properties }, OPERATOR);
      await create("demo.test", "Space");
      await create("demo.test:b", "Base", "ann");
      await create("demo.test:b:c", "Base", "bob");
      await create("demo.test:b:c:d", "Base", "cid");
      await create("demo.test:b:role", "Role", "operator", { members: ["dan"] });
      await create("demo.test:b:team", "Role", "operator", { members: ["eve"] });
      await create("demo.test:left", "Role", "operator", { members: ["fay"] });
      const grant = (address: string, to: string, on: string, verbs = "r") =>
        create(address, "Grant", "operator", { to, on, verbs });
      await grant("demo.test:b:g1", "demo.test:b:role", "demo.test:b:c:**");
      await grant("demo.test:b:g2", "demo.test:left", "demo.test:b:c");
      await grant("demo.test:g3", "demo.test:b:team", "demo.test:b:**");
      await grant("demo.test:b:g4", "gil", "demo.test:b:c", "swx");
      const from = registry.revision();
      await registry.remove({ address: "demo.test:b", recursive: true }, OPERATOR);
      await create("demo.test:b", "Base", "zoe");
      await create("demo.test:b:c", "Base", "zoe");
      await registry.create(
        { address: "demo.test:b:g", kind: "Grant", properties: { to: "yan", on: "demo.test:b:**", verbs: "r" } },
        { agent: "zoe" },
      );
      await create("end", "Space");
      await create("end:g", "Grant", "operator", { to: "anyone", on: "end", verbs: "r" });
      await registry.change({ address: "end", labels: { all: "see" } }, OPERATOR);
      await using again = await openTestRegistry({ database: registry.database });
      const gone = async (watched: typeof again, agent: string) => {
        const seen: string[] = [];
        const wish = {
          selector: "demo.test:b:c",
          also: ["demo.test:b:c:**", "end"],
          after: from,
          parts: ["removed", "labels"],
        } as const;
        for await (const { parts, resource } of watched.watch(wish, { agent })) {
          if (parts.includes("labels")) break;
          seen.push(resource.address.slice("demo.test:b:".length));
        }
        return seen.join();
      };
      const wanted = {
        operator: "c:d,c",
        ann: "c:d,c",
        bob: "c:d,c",
        cid: "c:d",
        dan: "c:d",
        eve: "c:d,c",
        fay: "c",
        gil: "",
        zoe: "",
        yan: "",
        "": "",
      };
      for (const [agent, what] of Object.entries(wanted))
        for (const watched of [registry, again]) assert.equal(await gone(watched, agent), what, agent);
    });
  });
}
