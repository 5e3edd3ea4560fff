import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOrreryError } from "@orrery/core";
import { openTestRegistry } from "./testing/open-registry.ts";

const OPERATOR = { agent: "operator" };

function refusal(code: string, text: string) {
  return (error: unknown) => isOrreryError(error) && error.code === code && error.message.includes(text);
}

describe("a registry", () => {
  it("creates, changes, lists and removes", async () => {
    await using registry = await openTestRegistry();
    assert.deepEqual(await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR), {
      address: "demo.test",
      revision: 1,
      changed: true,
    });
    await registry.create({ address: "demo.test:files", kind: "FileSystem" }, OPERATOR);
    await registry.change({ address: "demo.test", properties: { title: "Hi" } }, OPERATOR);
    assert.equal((await registry.get("demo.test", OPERATOR)).properties["title"], "Hi");
    const { resources, revision } = await registry.list({ selector: "demo.test:**" }, OPERATOR);
    assert.deepEqual(
      resources.map(({ address }) => address),
      ["demo.test:files"],
    );
    assert.equal(revision, 3);
    await assert.rejects(
      registry.create({ address: "demo.test", kind: "Space" }, OPERATOR),
      refusal("already_exists", "already in use"),
    );
    await assert.rejects(
      registry.create({ address: "no.test:x", kind: "FileSystem" }, OPERATOR),
      refusal("not_found", 'its parent "no.test" is missing'),
    );
    await assert.rejects(
      registry.create({ address: "demo.test:files:x", kind: "Space" }, OPERATOR),
      refusal("failed_precondition", "only at the top"),
    );
    await assert.rejects(
      registry.create({ address: "demo.test:x", kind: "Sapce" }, OPERATOR),
      refusal("invalid_argument", 'did you mean "Space"?'),
    );
    await assert.rejects(
      registry.remove({ address: "demo.test" }, OPERATOR),
      refusal("failed_precondition", '"demo.test:files" is in it'),
    );
    await registry.remove({ address: "demo.test", recursive: true }, OPERATOR);
    assert.deepEqual((await registry.list({ selector: "**" }, OPERATOR)).resources, []);
    assert.equal(registry.revision(), 5);
  });

  it("refuses everything to those whom nothing allows it, and says by which rule others may", async () => {
    await using registry = await openTestRegistry();
    const ann = { agent: "demo.test:users:ann" };
    await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
    await assert.rejects(
      registry.get("demo.test", ann),
      refusal("permission_denied", "no rule lets demo.test:users:ann read demo.test"),
    );
    await registry.create({ address: "demo.test:files", kind: "FileSystem" }, OPERATOR);
    await registry.create(
      { address: "demo.test:editors", kind: "Role", properties: { members: [ann.agent] } },
      OPERATOR,
    );
    await registry.create(
      {
        address: "demo.test:g1",
        kind: "Grant",
        properties: { to: "demo.test:editors", verbs: "rw", on: "demo.test:files:**" },
      },
      OPERATOR,
    );
    const may = await registry.can({ agent: ann.agent, verb: "write", address: "demo.test:files:/x" }, OPERATOR);
    assert.deepEqual(may, {
      allowed: true,
      rule: "grant",
      why: "demo.test:g1 grants rw on demo.test:files:** to demo.test:editors",
    });
    assert.equal(
      (await registry.can({ agent: ann.agent, verb: "execute", address: "demo.test:files:/x" }, OPERATOR)).allowed,
      false,
    );
    await registry.remove({ address: "demo.test:g1" }, OPERATOR);
    assert.equal(
      (await registry.can({ agent: ann.agent, verb: "write", address: "demo.test:files:/x" }, OPERATOR)).allowed,
      false,
    );
  });

  it("locks with rising fences", async () => {
    await using registry = await openTestRegistry();
    await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
    const first = await registry.lock({ address: "demo.test", ttlMs: 60_000 }, OPERATOR);
    await assert.rejects(
      registry.change({ address: "demo.test", properties: { title: "x" } }, OPERATOR),
      refusal("aborted", "it is locked by"),
    );
    await registry.change({ address: "demo.test", properties: { title: "x" } }, { ...OPERATOR, token: first.token });
    await assert.rejects(
      registry.unlock({ address: "demo.test" }, { ...OPERATOR, token: "1.abc" }),
      refusal("permission_denied", "not the token"),
    );
    await registry.unlock({ address: "demo.test" }, { ...OPERATOR, token: first.token });
    const second = await registry.lock({ address: "demo.test", ttlMs: 60_000 }, OPERATOR);
    assert.ok(second.fence > first.fence);
    await assert.rejects(
      registry.change({ address: "demo.test", properties: { title: "y" } }, { ...OPERATOR, token: first.token }),
      refusal("aborted", "has ended"),
    );
  });

  it("tells watchers every change once, in order, also those who come back", async () => {
    await using registry = await openTestRegistry();
    await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
    const seen: number[] = [];
    const watching = (async () => {
      while (seen.length < 600)
        for await (const { revision } of registry.watch(
          { selector: "demo.test:**", after: seen.at(-1) ?? 1 },
          OPERATOR,
        )) {
          seen.push(revision);
          if (seen.length % 50 === 0) break; // Comes back later.
        }
    })();
    await Promise.all(
      Array.from({ length: 600 }, (_, n) => registry.create({ address: `demo.test:b${n}`, kind: "Base" }, OPERATOR)),
    );
    await watching;
    assert.deepEqual(
      seen,
      Array.from({ length: 600 }, (_, n) => n + 2),
    );
  });

  it("does a named request once", async () => {
    await using registry = await openTestRegistry();
    await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
    const by = { ...OPERATOR, requestId: "r1" };
    const first = await registry.create({ address: "demo.test:a", kind: "Base" }, by);
    assert.deepEqual(await registry.create({ address: "demo.test:a", kind: "Base" }, by), { ...first, changed: false });
    await assert.rejects(
      registry.create({ address: "demo.test:b", kind: "Base" }, by),
      refusal("already_exists", "another request of that name"),
    );
  });
});
