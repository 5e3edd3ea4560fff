import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ChangeView } from "../registry.ts";
import { createWatchCount } from "./watch-count.ts";

const FILE = { address: "demo.test:files:/a", kind: "File" };

/** Changes that come when they are given. */
function source() {
  const next = Promise.withResolvers<ChangeView | undefined>();
  async function* watch(): AsyncGenerator<ChangeView> {
    for (let change = await next.promise; change !== undefined; change = undefined) yield change;
  }
  return { watch: watch(), ...next };
}

describe("createWatchCount", () => {
  it("counts what means a resource, by any of its selectors, from when it is waited for until it ends", async () => {
    const count = createWatchCount();
    const [one, other, none] = [source(), source(), source()];
    const watches = [
      count.counted({ selector: "demo.test:files:**" }, one.watch),
      count.counted({ selector: "other.test", also: ["demo.test:files:/a"] }, other.watch),
      count.counted({ selector: "demo.test:files" }, none.watch),
    ];
    assert.equal(count.of(FILE), 0);
    const waiting = watches.map((watch) => watch.next());
    assert.deepEqual([count.of(FILE), count.of({ address: "demo.test:files", kind: "FileSystem" })], [2, 1]);
    one.resolve(undefined);
    assert.equal((await waiting[0])?.done, true);
    assert.equal(count.of(FILE), 1);
    other.reject(new Error("it broke off"));
    await assert.rejects(waiting[1] as Promise<unknown>, /broke off/);
    assert.equal(count.of(FILE), 0);
    none.resolve({} as ChangeView);
    await waiting[2];
    await watches[2]?.return(undefined);
    assert.equal(count.of({ address: "demo.test:files", kind: "FileSystem" }), 0);
  });
});
