import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLog, createSystemClock } from "@orrery/core";
import { openTestRegistry } from "@orrery/registry/conformance";
import { createSpaceSweep, type SpaceHolder } from "./space-sweep.ts";

const OPERATOR = { agent: "operator" };
const clock = createSystemClock();
const log = createLog({ sink: () => {}, now: () => 0, fields: {} });

/** Keeps ids, and tells when one is dropped. */
function holderOf(...ids: number[]) {
  const kept = new Set(ids);
  const waiting = new Map<number, () => void>();
  const holder: SpaceHolder = {
    spaces: async () => [...kept],
    drop: async (id) => {
      kept.delete(id);
      waiting.get(id)?.();
    },
  };
  const dropped = (id: number) => new Promise<void>((resolve) => void waiting.set(id, resolve));
  return { holder, kept, dropped };
}

describe("createSpaceSweep", () => {
  it("forgets at its start what is of Spaces that are gone, and nothing of those that are there", async () => {
    const registry = await openTestRegistry();
    await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
    const { created } = await registry.get("demo.test", OPERATOR);
    const { holder, kept, dropped } = holderOf(created, 77);
    const gone = dropped(77);
    const sweep = createSpaceSweep({ registry, holders: [holder], clock, log });
    await gone;
    assert.deepEqual([...kept], [created]);
    assert.equal(await sweep.sweep(), 0);
    await sweep[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });

  it("forgets what a Space had when it is removed, although another has its name at once", async () => {
    const registry = await openTestRegistry();
    await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
    const { created } = await registry.get("demo.test", OPERATOR);
    const { holder, kept, dropped } = holderOf(created);
    const gone = dropped(created);
    const sweep = createSpaceSweep({ registry, holders: [holder], clock, log });
    await sweep.sweep();
    assert.deepEqual([...kept], [created]);
    await registry.remove({ address: "demo.test" }, OPERATOR);
    await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
    kept.add((await registry.get("demo.test", OPERATOR)).created);
    await gone;
    assert.equal(kept.size, 1);
    await sweep[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });
});
