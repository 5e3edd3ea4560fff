import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSystemClock } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { createMemoryRegistry, type MemoryRegistryOptions } from "./create-registry.ts";
import { createMemoryStore } from "./store/memory-store.ts";
import { createSecretBox, createSecretKey } from "./system-secret-box.ts";
import { OPERATOR, type OpenRegistry } from "./testing/registry-case.ts";
import { testIdentity } from "./testing/registry-cases-identity.ts";
import { testLocks } from "./testing/registry-cases-locks.ts";
import { testRights } from "./testing/registry-cases-rights.ts";

const openMemory = (options: Partial<MemoryRegistryOptions> = {}) =>
  createMemoryRegistry({
    clock: createSystemClock(),
    random: createSeededRandom(1),
    secrets: createSecretBox([createSecretKey()]),
    ...options,
  });

describe("createMemoryRegistry", () => {
  /** Of what such a registry does, the parts that ask nothing of its database. */
  const open = (async (kinds = [], options = {}) => openMemory({ ...options, kinds })) as OpenRegistry;
  testRights(open);
  testIdentity(open);
  testLocks(open);

  it("asks its store once for what is not there, until it is", async () => {
    const store = createMemoryStore();
    const asked: string[] = [];
    const load: typeof store.load = (addresses) => {
      asked.push(...addresses);
      return store.load(addresses);
    };
    await using registry = await openMemory({ store: { ...store, load } });
    await registry.create({ address: "demo.test", kind: "Space", owner: "bob" }, OPERATOR);
    const may = async (agent: string) =>
      (await registry.can({ agent, verb: "read", address: "demo.test:store:main" }, OPERATOR)).allowed;
    assert.deepEqual([await may("bob"), await may("bob"), await may("bob")], [true, true, true]);
    for (const address of ["demo.test:store", "demo.test:store:main"])
      assert.equal(asked.filter((one) => one === address).length, 1, address);
    assert.equal(await may("ann"), false);
    await registry.create({ address: "demo.test:store", kind: "Base", owner: "ann" }, OPERATOR);
    assert.equal(await may("ann"), true);
    await registry.remove({ address: "demo.test:store" }, OPERATOR);
    assert.equal(await may("ann"), false);
  });

  it("goes on with its store, and tells a watch what changed since", async () => {
    const store = createMemoryStore();
    const first = await openMemory({ store });
    await first.create({ address: "demo.test", kind: "Space" }, OPERATOR);
    await first.create({ address: "demo.test:files", kind: "FileSystem" }, OPERATOR);
    await first[Symbol.asyncDispose]();
    const next = await openMemory({ store, random: createSeededRandom(2) });
    await next.remove({ address: "demo.test:files" }, OPERATOR);
    const seen: string[] = [];
    for await (const { parts, resource } of next.watch({ selector: "demo.test:**", after: 1 }, OPERATOR)) {
      seen.push(`${parts.join()} ${resource.address}`);
      if (seen.length === 2) break;
    }
    assert.deepEqual(seen, ["added demo.test:files", "removed demo.test:files"]);
    await next[Symbol.asyncDispose]();
  });
});
