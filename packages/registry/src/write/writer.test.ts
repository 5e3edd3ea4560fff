import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Clock } from "@orrery/core";
import { createSystemClock, isOrreryError } from "@orrery/core";
import type { Change, Resource } from "../resource.ts";
import type { Batch, Store } from "../store/store.ts";
import { createWriter } from "./writer.ts";

/** A store whose commits do what a test says: written, refused, or broken with the write done or not. */
function scriptedStore(script: ("write" | "refuse" | "break after" | "break before")[]) {
  const changes: Change[] = [];
  const commits: Batch[] = [];
  const store: Store = {
    head: async () => ({ revision: changes.length, compacted: 0, batch: changes.at(-1)?.batch ?? "" }),
    load: async () => [],
    list: async () => [],
    owned: async () => [],
    stored: async () => ({ bytes: 0, revision: 0 }),
    requests: async () => [],
    changes: async (after, limit) => changes.slice(after, after + limit),
    compact: async () => {},
    commit: async (batch) => {
      commits.push(batch);
      const step = script.shift() ?? "write";
      if (step === "break before") throw new Error("connection reset");
      if (step === "refuse") return "moved";
      changes.push(...batch.changes);
      if (step === "break after") throw new Error("connection reset");
      return "written";
    },
  };
  return { store, changes, commits };
}

const EMPTY: Omit<Resource, "address"> = {
  kind: "Base",
  properties: {},
  fixed: [],
  labels: {},
  owner: "a",
  status: { state: "Ready" },
  state: {},
  finalizers: [],
  created: 0,
  revision: 0,
};

function writerOf(script: Parameters<typeof scriptedStore>[0], store = scriptedStore(script)) {
  const shown: Change[] = [];
  const take = (written: readonly Change[]) => shown.push(...written.filter(({ revision }) => revision > shown.length));
  const clock: Clock = { ...createSystemClock(), now: () => 0, sleep: async () => {} };
  const writer = createWriter({
    store: store.store,
    base: {
      peek: () => undefined,
      load: async () => undefined,
      list: async () => [],
      owned: async () => [],
      stored: async () => 0,
    },
    clock,
    name: "w",
    revision: () => shown.length,
    onWritten: take,
    catchUp: async () => void take(await store.store.changes(shown.length, 100)),
  });
  const put = (address: string) =>
    writer.write({
      agent: "a",
      apply: async (draft) => {
        draft.put({ ...EMPTY, address }, ["added"], "a");
        return address;
      },
    });
  return { ...store, writer, shown, put };
}

describe("createWriter", () => {
  it("writes together what comes while a write is under way, in order", async () => {
    const { put, commits } = writerOf([]);
    const written = await Promise.all(["a", "b", "c", "d"].map(put));
    assert.deepEqual(
      written.map(({ revision }) => revision),
      [1, 2, 3, 4],
    );
    assert.deepEqual(
      commits.map(({ changes }) => changes.length),
      [1, 3],
    );
  });

  it("takes a write for done when its commit gave no answer and it is there", async () => {
    const { put, shown, changes } = writerOf(["break after"]);
    assert.deepEqual(await put("a"), { address: "a", revision: 1, changed: true });
    assert.deepEqual(shown, changes);
  });

  it("says for certain that a write was not done when its commit gave no answer and it is not there", async () => {
    const { put, changes } = writerOf(["break before"]);
    await assert.rejects(put("a"), (error) => isOrreryError(error) && error.code === "unavailable" && error.definite);
    assert.deepEqual(changes, []);
    assert.equal((await put("b")).revision, 1);
  });

  it("does not say that it failed where nobody can tell", async () => {
    const one = scriptedStore(["break after"]);
    let isUp = true;
    const commit = one.store.commit;
    const broken: Store = {
      ...one.store,
      commit: (batch) => {
        isUp = false;
        return commit(batch);
      },
      changes: async (after, limit) => (isUp ? one.store.changes(after, limit) : Promise.reject(new Error("gone"))),
    };
    const { put } = writerOf([], { ...one, store: broken });
    await assert.rejects(put("a"), (error) => isOrreryError(error) && error.code === "unknown" && !error.definite);
    assert.equal(one.changes.length, 1);
  });

  it("looks again at what others wrote before it tries once more", async () => {
    const one = scriptedStore(["refuse", "write"]);
    const { put, changes } = writerOf([], one);
    assert.equal((await put("a")).revision, 1);
    assert.equal(changes.length, 1);
  });

  it("leaves no trace of a write that fails among others", async () => {
    const { put, writer, changes } = writerOf([]);
    const failing = writer.write({
      agent: "a",
      apply: async (draft) => {
        draft.put({ ...EMPTY, address: "half" }, ["added"], "a");
        throw new Error("no");
      },
    });
    const ends = await Promise.allSettled([put("a"), failing, put("b")]);
    assert.deepEqual(
      ends.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.deepEqual(
      changes.map(({ revision, resource }) => [revision, resource.address]),
      [
        [1, "a"],
        [2, "b"],
      ],
    );
  });

  it("refuses what comes after its end, and ends when all before is done", async () => {
    const { put, writer, changes } = writerOf([]);
    const writes = ["a", "b"].map(put);
    await writer.close();
    await Promise.all(writes);
    assert.equal(changes.length, 2);
    await assert.rejects(put("c"), (error) => isOrreryError(error) && error.reason === "draining");
  });
});
