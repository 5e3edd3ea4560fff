import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { expectRefusal } from "./expect-refusal.ts";
import { ANN, OPERATOR, type OpenRegistry } from "./registry-case.ts";

/** Who may do what, and who sees it. */
export function testRights(open: OpenRegistry): void {
  describe("rights", () => {
    it("are none where no rule gives them, and say which rule does", async () => {
      await using registry = await open();
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      await registry.create({ address: "demo.test:files", kind: "FileSystem" }, OPERATOR);
      await expectRefusal(
        registry.get("demo.test", ANN),
        "permission_denied",
        "no rule lets demo.test:users:ann read demo.test",
      );
      await expectRefusal(registry.get("demo.test", { agent: "" }), "permission_denied", 'as "anonymous"');
      await registry.create(
        { address: "demo.test:editors", kind: "Role", properties: { members: [ANN.agent] } },
        OPERATOR,
      );
      const grant = { to: "demo.test:editors", verbs: "rw", on: "demo.test:files:**" };
      await registry.create({ address: "demo.test:g1", kind: "Grant", properties: grant }, OPERATOR);
      const can = (verb: "write" | "execute") =>
        registry.can({ agent: ANN.agent, verb, address: "demo.test:files:/x" }, OPERATOR);
      const why = "demo.test:g1 grants rw on demo.test:files:** to demo.test:editors";
      assert.deepEqual(await can("write"), { allowed: true, rule: "grant", why });
      assert.equal((await can("execute")).allowed, false);
      assert.deepEqual(await registry.whoami(ANN), {
        ...ANN,
        isOperator: false,
        owner: ANN.agent,
        roles: ["demo.test:editors"],
      });
      await registry.remove({ address: "demo.test:editors" }, OPERATOR);
      assert.equal((await can("write")).allowed, false);
    });

    it("come with owning what something lies in, and can be given away no further", async () => {
      await using registry = await open();
      await registry.create({ address: "ann.test", kind: "Space", owner: ANN.agent }, OPERATOR);
      await registry.create({ address: "other.test", kind: "Space" }, OPERATOR);
      await registry.create({ address: "ann.test:b", kind: "Base" }, ANN);
      await registry.create({ address: "ann.test:b:c", kind: "Base" }, ANN);
      const bob = { agent: "ann.test:users:bob" };
      const grant = (address: string, on: string) =>
        registry.create({ address, kind: "Grant", properties: { to: bob.agent, verbs: "csdrw", on } }, ANN);
      await expectRefusal(grant("other.test:g", "other.test:**"), "permission_denied", "create");
      await expectRefusal(
        grant("ann.test:g", "other.test:**"),
        "invalid_argument",
        "a grant reaches only what it lies in",
      );
      await grant("ann.test:g", "ann.test:b");
      await grant("ann.test:h", "ann.test:b:**");
      await registry.create({ address: "ann.test:b:d", kind: "Base" }, bob);
      const more = {
        address: "ann.test:b:more",
        kind: "Grant",
        properties: { to: bob.agent, verbs: "x", on: "ann.test:b:**" },
      };
      await expectRefusal(registry.create(more, bob), "permission_denied", 'only who owns "ann.test:b" may');
      await expectRefusal(
        registry.change({ address: "ann.test:b:c", owner: bob.agent }, bob),
        "permission_denied",
        "only its owner, owners of what it lies in and operators may",
      );
      assert.deepEqual(
        (await registry.list({ selector: "**" }, bob)).resources.map(({ address }) => address),
        ["ann.test:b", "ann.test:b:c", "ann.test:b:d"],
      );
    });

    it("let somebody see what is there, and not what it says", async () => {
      await using registry = await open();
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      await registry.create({ address: "demo.test:b", kind: "Base", properties: { title: "private" } }, OPERATOR);
      await registry.create(
        { address: "demo.test:g", kind: "Grant", properties: { to: ANN.agent, verbs: "s", on: "demo.test" } },
        OPERATOR,
      );
      const { resources } = await registry.list({ selector: "demo.test:*" }, ANN);
      assert.deepEqual(
        resources.map(({ address, kind, properties }) => [address, kind, properties]),
        [
          ["demo.test:b", "Base", {}],
          ["demo.test:g", "Grant", {}],
        ],
      );
      await expectRefusal(registry.get("demo.test:b", ANN), "permission_denied", "no rule");
    });

    it("end a watch of what may not be seen any more", async () => {
      await using registry = await open();
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      await registry.create(
        { address: "demo.test:g", kind: "Grant", properties: { to: ANN.agent, verbs: "r", on: "demo.test" } },
        OPERATOR,
      );
      const stop = new AbortController();
      const seen: unknown[] = [];
      const watching = (async () => {
        for await (const { resource } of registry.watch({ selector: "demo.test" }, { ...ANN, signal: stop.signal }))
          seen.push(resource.properties["title"]);
      })();
      const settle = watching.catch(() => {});
      await registry.change({ address: "demo.test", properties: { title: "a" } }, OPERATOR);
      await registry.remove({ address: "demo.test:g" }, OPERATOR);
      await registry.change({ address: "demo.test", properties: { title: "b" } }, OPERATOR);
      await registry.create(
        { address: "demo.test:g", kind: "Grant", properties: { to: ANN.agent, verbs: "r", on: "demo.test" } },
        OPERATOR,
      );
      await registry.change({ address: "demo.test", properties: { title: "c" } }, OPERATOR);
      while (!seen.includes("c")) await new Promise(setImmediate);
      stop.abort();
      await settle;
      assert.ok(!seen.includes("b"), JSON.stringify(seen));
    });
  });
}
