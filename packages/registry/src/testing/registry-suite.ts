import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Kind } from "../kinds/kind.ts";
import type { TestServer } from "./databases.ts";
import { expectRefusal } from "./expect-refusal.ts";
import { openTestRegistry } from "./open-registry.ts";

/** The agent of tests that may do everything. */
export const OPERATOR = { agent: "operator" };
const ANN = { agent: "demo.test:users:ann" };

/** A kind that only tests have: the registry knows nothing of it but this. */
const GADGET: Kind = {
  name: "Gadget",
  summary: "Something with a driver",
  parents: ["Space", "Gadget"],
  segments: ["name"],
  driver: "gadgets",
  properties: {
    size: { summary: "How large", schema: { type: "integer", minimum: 1, maximum: 9 }, required: true },
    model: { summary: "Which one", schema: { type: "string" }, default: "plain", constant: true },
    limit: { summary: "Set by whoever owns the space", schema: { type: "integer" }, locked: true },
    password: { summary: "For its driver", schema: { type: "string" }, secret: true },
  },
};

/** What every registry does, whichever PostgreSQL it is kept in. */
export function testRegistry(server: () => TestServer): void {
  const open = async (kinds: readonly Kind[] = []) => openTestRegistry({ database: await server().open(), kinds });
  testResources(open);
  testKinds(open);
  testRights(open);
  testLocks(open);
  testChanges(open);
}

type Open = (kinds?: readonly Kind[]) => ReturnType<typeof openTestRegistry>;

function testResources(open: Open): void {
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

function testKinds(open: Open): void {
  describe("kinds", () => {
    it("are data: one that only a test has is held to what it says", async () => {
      await using registry = await open([GADGET]);
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      const create = (properties: Record<string, string | number>) =>
        registry.create({ address: "demo.test:g", kind: "Gadget", properties }, OPERATOR);
      await expectRefusal(create({}), "invalid_argument", "kind Gadget requires it");
      await expectRefusal(create({ size: 10 }), "invalid_argument", "must be <= 9");
      await expectRefusal(create({ size: 1, modle: "x" }), "invalid_argument", 'did you mean "model"?');
      await create({ size: 1 });
      const gadget = await registry.get("demo.test:g", OPERATOR);
      assert.deepEqual(
        [gadget.properties, gadget.status, gadget.finalizers],
        [{ size: 1, model: "plain" }, { state: "Creating" }, ["gadgets"]],
      );
      const change = (properties: Record<string, string>) =>
        registry.change({ address: "demo.test:g", properties }, OPERATOR);
      await expectRefusal(change({ model: "fancy" }), "invalid_argument", "it is constant");
    });

    it("have lives: a status goes only where its kind lets it", async () => {
      await using registry = await open([GADGET]);
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      await registry.create({ address: "demo.test:g", kind: "Gadget", properties: { size: 1 } }, OPERATOR);
      const set = (state: string, reason?: string) =>
        registry.change(
          { address: "demo.test:g", status: { state, ...(reason === undefined ? {} : { reason }) } },
          OPERATOR,
        );
      await set("Panic", "no such bolt");
      assert.deepEqual((await registry.get("demo.test:g", OPERATOR)).status, {
        state: "Panic",
        reason: "no such bolt",
      });
      await expectRefusal(set("Paused"), "failed_precondition", "it may become Creating, Ready, Unknown");
      await expectRefusal(set("Destroyed"), "failed_precondition", "may not become that");
      await set("Ready");
    });

    it("have drivers, for whom a removal waits, and what it lies in waits for that", async () => {
      await using registry = await open([GADGET]);
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      await registry.create({ address: "demo.test:g", kind: "Gadget", properties: { size: 1 } }, OPERATOR);
      await registry.remove({ address: "demo.test", recursive: true }, OPERATOR);
      assert.equal((await registry.get("demo.test:g", OPERATOR)).status.state, "Destroying");
      assert.equal((await registry.get("demo.test", OPERATOR)).status.state, "Destroying");
      await expectRefusal(
        registry.create({ address: "demo.test:x", kind: "Base" }, OPERATOR),
        "failed_precondition",
        "is being removed",
      );
      await registry.change({ address: "demo.test:g", finalizers: { done: ["gadgets"] } }, OPERATOR);
      assert.deepEqual((await registry.list({ selector: "**" }, OPERATOR)).resources, []);
    });

    it("have secrets, which nobody sees but their driver", async () => {
      await using registry = await open([GADGET]);
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      await registry.create(
        { address: "demo.test:g", kind: "Gadget", properties: { size: 1, password: "hunter2" } },
        OPERATOR,
      );
      await registry.change({ address: "demo.test:g", properties: { size: 2 } }, OPERATOR);
      const { resources } = await registry.list({ selector: "**" }, OPERATOR);
      assert.ok(!JSON.stringify(resources).includes("hunter2"));
      assert.equal((await registry.get("demo.test:g", OPERATOR)).properties["password"], "(secret)");
      const secret = { address: "demo.test:g", property: "password" };
      assert.equal(await registry.reveal(secret, OPERATOR), "hunter2");
      await registry.create(
        { address: "demo.test:grant", kind: "Grant", properties: { to: ANN.agent, verbs: "rw", on: "demo.test:**" } },
        OPERATOR,
      );
      await expectRefusal(registry.reveal(secret, ANN), "permission_denied", "only its driver and operators may");
      const rows = await registry.database.kysely.selectFrom("change").selectAll().execute();
      assert.ok(rows.length > 0 && !JSON.stringify(rows).includes("hunter2"));
    });

    it("have properties that only who may write the parent sets", async () => {
      await using registry = await open([GADGET]);
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      await registry.create(
        { address: "demo.test:g", kind: "Gadget", properties: { size: 1, limit: 5 }, fixed: ["size"] },
        OPERATOR,
      );
      await registry.create(
        { address: "demo.test:grant", kind: "Grant", properties: { to: ANN.agent, verbs: "rw", on: "demo.test:g" } },
        OPERATOR,
      );
      const change = (properties: Record<string, number | string>) =>
        registry.change({ address: "demo.test:g", properties }, ANN);
      await expectRefusal(change({ limit: 6 }), "permission_denied", '"limit" of "demo.test:g"');
      await expectRefusal(change({ size: 2 }), "permission_denied", "it is fixed");
      await change({ password: "new" });
    });
  });
}

function testRights(open: Open): void {
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
      assert.deepEqual(registry.rolesOf(ANN.agent), ["demo.test:editors"]);
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
        "only its owner and operators may",
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

function testLocks(open: Open): void {
  describe("locks", () => {
    it("keep others from writing, rise with each, and refuse a token whose time is over", async () => {
      await using registry = await open();
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      const set = (title: string, token?: string) =>
        registry.change(
          { address: "demo.test", properties: { title } },
          { ...OPERATOR, ...(token === undefined ? {} : { token }) },
        );
      const first = await registry.lock({ address: "demo.test", ttlMs: 60_000 }, OPERATOR);
      await expectRefusal(set("x"), "aborted", 'it is locked by "operator" until');
      await expectRefusal(
        registry.lock({ address: "demo.test", ttlMs: 60_000 }, OPERATOR),
        "aborted",
        "it is locked by",
      );
      await set("x", first.token);
      const again = await registry.lock({ address: "demo.test", ttlMs: 120_000 }, { ...OPERATOR, token: first.token });
      assert.deepEqual([again.token, again.until > first.until], [first.token, true]);
      await expectRefusal(
        registry.unlock({ address: "demo.test" }, { ...OPERATOR, token: "1.abc" }),
        "permission_denied",
        "not the token",
      );
      await expectRefusal(registry.remove({ address: "demo.test" }, OPERATOR), "aborted", "it is locked by");
      await registry.unlock({ address: "demo.test" }, { ...OPERATOR, token: first.token });
      const second = await registry.lock({ address: "demo.test", ttlMs: 60_000 }, OPERATOR);
      assert.ok(second.fence > first.fence);
      await expectRefusal(set("y", first.token), "aborted", "has ended");
      assert.ok(!JSON.stringify(await registry.get("demo.test", OPERATOR)).includes(second.token.split(".")[1] ?? "?"));
    });

    it("end by themselves", async () => {
      await using registry = await open();
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      const first = await registry.lock({ address: "demo.test", ttlMs: 100 }, OPERATOR);
      while (Date.now() <= first.until) await new Promise(setImmediate);
      const second = await registry.lock({ address: "demo.test", ttlMs: 60_000 }, OPERATOR);
      assert.ok(second.fence > first.fence);
      await expectRefusal(
        registry.lock({ address: "demo.test", ttlMs: 99 }, OPERATOR),
        "invalid_argument",
        "from 100 to",
      );
    });
  });
}

function testChanges(open: Open): void {
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
