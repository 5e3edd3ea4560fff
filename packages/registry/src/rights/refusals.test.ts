import assert from "node:assert/strict";
import { after, before, describe, it, mock } from "node:test";
import { PGlite } from "@electric-sql/pglite";
import { isOrreryError } from "@orrery/core";
import { openTestRegistry } from "../conformance/index.ts";
import type { Registry } from "../registry.ts";

const ANN = { agent: "ann" };
const BOB = { agent: "bob" };
const OPERATOR = { agent: "operator" };

/** What somebody outside may ask of an address. */
const ASKS: Readonly<Record<string, (registry: Registry, address: string) => Promise<unknown>>> = {
  get: (registry, address) => registry.get(address, ANN),
  "get by a tag": (registry, address) => registry.get(`${address}:[live]`, ANN),
  change: (registry, address) => registry.change({ address, labels: { a: "b" } }, ANN),
  remove: (registry, address) => registry.remove({ address, recursive: true }, ANN),
  lock: (registry, address) => registry.lock({ address, ttlMs: 1_000 }, ANN),
  unlock: (registry, address) => registry.unlock({ address, force: true }, ANN),
  create: (registry, address) => registry.create({ address, kind: "Base" }, ANN),
  ensure: (registry, address) => registry.create({ address, kind: "Base", strategy: "ensure" }, ANN),
  update: (registry, address) => registry.create({ address, kind: "Base", strategy: "update" }, ANN),
  "may somebody else": (registry, address) => registry.can({ agent: "bob", verb: "read", address }, ANN),
};

describe("refusals of a registry", () => {
  let registry: Registry & AsyncDisposable;
  let asked = 0;
  before(async () => {
    registry = await openTestRegistry();
    for (const address of ["bob.test", "bob.test:there", "bob.test:there:in"])
      await registry.create({ address, kind: address === "bob.test" ? "Space" : "Base", owner: "bob" }, OPERATOR);
    const query = PGlite.prototype.query;
    mock.method(PGlite.prototype, "query", function (this: PGlite, text: string, ...rest: never[]) {
      if (/from resource/.test(text)) asked++;
      return query.call(this, text, ...rest);
    });
  });
  after(async () => {
    mock.restoreAll();
    await registry[Symbol.asyncDispose]();
  });

  /** What is said, without the address, and how often the store is asked. */
  async function told(ask: (typeof ASKS)[string], address: string): Promise<readonly [string, number]> {
    const from = asked;
    const error = await ask(registry, address).then(
      () => assert.fail(`${address} is not refused`),
      (reason: unknown) => reason,
    );
    if (!isOrreryError(error)) throw error;
    const place = address.slice(0, address.indexOf(":"));
    return [`${error.code} ${error.message}`.replaceAll(address, "IT").replaceAll(place, "SPACE"), asked - from];
  }

  for (const [name, ask] of Object.entries(ASKS))
    it(`are alike, and ask the store as often, whether something is in memory, or nowhere: ${name}`, async () => {
      await registry.get("bob.test:there", BOB); // In memory from now on.
      const there = await told(ask, "bob.test:there");
      assert.ok(there[1] > 0, "the store is asked");
      assert.deepEqual(await told(ask, "bob.test:none"), there);
      assert.deepEqual(await told(ask, "none.test:none"), there);
    });
});
