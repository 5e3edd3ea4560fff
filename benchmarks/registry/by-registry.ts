import { createSystemClock, createSystemRandom } from "@orrery/core";
import { createRegistry, createSecretBox, createSecretKey, type Database } from "@orrery/registry";
import type { Subject } from "./subject.ts";

/** Rights are decided, kinds checked and watches kept. */
export async function openByRegistry(database: Database): Promise<Subject> {
  const secrets = createSecretBox([createSecretKey()]);
  const registry = await createRegistry({
    database,
    secrets,
    clock: createSystemClock(),
    random: createSystemRandom(),
  });
  const by = { agent: "ann" };
  const operator = { agent: "operator" };
  await registry.create({ address: "bench.test", kind: "Space", strategy: "ensure", owner: "ann" }, operator);
  return {
    create: async (address) => void (await registry.create({ address, kind: "Base" }, by)),
    get: async (address) => (await registry.get(address, by)).revision,
    list: async (parent) => (await registry.list({ selector: `${parent}:*`, limit: 100 }, by)).resources.length,
    update: async (address, title, ifRevision) =>
      (await registry.change({ address, properties: { title }, ifRevision }, by)).revision,
    watch: (seen) => {
      const stop = new AbortController();
      (async () => {
        for await (const _ of registry.watch({ selector: "bench.test:**" }, { ...by, signal: stop.signal })) seen();
      })().catch(() => {});
      return () => stop.abort();
    },
    close: () => registry[Symbol.asyncDispose](),
  };
}
