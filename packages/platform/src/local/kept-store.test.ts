import assert from "node:assert/strict";
import { test } from "node:test";
import { createSystemClock } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { createMemoryRegistry, createSecretBox, createSecretKey } from "@orrery/registry";
import { memoryFiles } from "../testing/memory-files.ts";
import { openKeptStore } from "./kept-store.ts";

const BY = { agent: "operator" };
const secrets = createSecretBox([createSecretKey()]);
let opened = 0;

async function open(files: Parameters<typeof openKeptStore>[0]) {
  const store = await openKeptStore(files);
  return await createMemoryRegistry({
    store,
    clock: createSystemClock(),
    random: createSeededRandom(++opened),
    secrets,
  });
}

const namesIn = async (registry: Awaited<ReturnType<typeof open>>) =>
  (await registry.list({ selector: "**" }, BY)).resources.map(({ address }) => address);

test("openKeptStore goes on with all that was acknowledged, wherever its file was torn", async () => {
  const { files, content } = memoryFiles();
  const registry = await open(files);
  for (const address of ["a.test", "b.test", "c.test"]) await registry.create({ address, kind: "Space" }, BY);
  const [name = "", bytes = new Uint8Array()] = [...content][0] ?? [];
  const ends = [...bytes.keys()].filter((at) => bytes[at] === 10);
  assert.equal(ends.length, 4);
  for (let length = 0; length <= bytes.length; length += 7) {
    const torn = memoryFiles({ [name]: bytes.slice(0, length) });
    const whole = ends.filter((end) => end < length).length;
    const again = await open(torn.files);
    assert.deepEqual(await namesIn(again), ["a.test", "b.test", "c.test"].slice(0, Math.max(0, whole - 1)));
    await again.create({ address: "d.test", kind: "Space" }, BY);
    assert.equal((await namesIn(await open(torn.files))).at(-1), "d.test");
    assert.equal(torn.content.size, 1);
  }
});

test("openKeptStore takes the file before where the next was not begun whole", async () => {
  const { files, content } = memoryFiles();
  await (await open(files)).create({ address: "a.test", kind: "Space" }, BY);
  content.set("resources-2", new TextEncoder().encode('{"revision":'));
  assert.deepEqual(await namesIn(await open(files)), ["a.test"]);
  assert.deepEqual([...content.keys()], ["resources-3"]);
});

test("openKeptStore takes nothing more behind a write that failed", async () => {
  const { files, content } = memoryFiles();
  let isFull = false;
  const append = async (name: string, bytes: Uint8Array) => {
    await files.append(name, isFull ? bytes.slice(0, 5) : bytes);
    if (isFull) throw new Error("the disk is full");
  };
  const store = await openKeptStore({ ...files, append });
  const batch = { id: "1", expected: 0, revision: 1, fresh: [], put: [], removed: [], changes: [], requests: [] };
  isFull = true;
  await assert.rejects(store.commit(batch), /the disk is full/);
  isFull = false;
  await assert.rejects(
    store.commit(batch),
    /Cannot keep resources: an earlier write to their file failed, start again/,
  );
  assert.equal((await (await openKeptStore(files)).head()).revision, 0);
  assert.equal(content.size, 1);
});
