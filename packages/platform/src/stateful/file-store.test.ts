import { strict as assert } from "node:assert/strict";
import { test } from "node:test";
import type { JournalFiles } from "@orrery/core/internal";
import { memoryFiles } from "../testing/memory-files.ts";
import { createFileStore } from "./file-store.ts";
import { next, type Position } from "./position.ts";
import { changedState, EMPTY_STATE, type State, type StateChange } from "./state.ts";
import { encodeRecord, scanFile } from "./state-record.ts";
import type { StateStore, Stored } from "./state-store.ts";

const MEMBERS = ["a", "b", "c"];
const entry = (value: string) => ({ contentType: "text/plain", body: new TextEncoder().encode(value) });
const set = (key: string, value: string): StateChange => ({ key, entry: entry(value) });
const plain = ({ promised, snapshot }: Stored) => ({
  promised,
  ...snapshot.position,
  ...Object.fromEntries([...snapshot.state.entries].map(([key, { body }]) => [key, new TextDecoder().decode(body)])),
});

function open(
  files: JournalFiles,
  options: { readonly members?: readonly string[]; readonly spentBytesMax?: number } = {},
) {
  return createFileStore({ files, name: "demo.test:count", members: MEMBERS, ...options });
}

/** Writes as a replica does: a whole state, then changes, each a step further. */
function writer(store: StateStore, at: Position = { epoch: 3, revision: 0 }) {
  let position = at;
  let state: State = EMPTY_STATE;
  let { epoch: promised } = at;
  const after = (): Stored => ({ promised, snapshot: { position, state } });
  return {
    after,
    whole: () => store.write({ kind: "whole" }, after()),
    async promise(epoch: number) {
      promised = epoch;
      await store.write({ kind: "promised", promised }, after());
    },
    async change(...changes: readonly StateChange[]) {
      const before = position;
      position = next(before);
      state = changedState(state, changes);
      await store.write({ kind: "change", update: { before, changes } }, after());
    },
  };
}

test("createFileStore gives a later life what an earlier one wrote", async () => {
  const { files } = memoryFiles();
  const write = writer(open(files));
  await write.whole();
  await write.change(set("a", "1"), set("b", "2"));
  await write.change({ key: "a", entry: undefined }, set("c", "3"));
  await write.promise(7);
  const found = await open(files).load();
  assert.deepEqual(found && plain(found), { promised: 7, epoch: 3, revision: 2, b: "2", c: "3" });
});

test("createFileStore gives nothing where nothing was written", async () => {
  assert.equal(await open(memoryFiles().files).load(), undefined);
});

/** A file of a whole state and three changes, and what each of its beginnings says. */
async function written() {
  const { files, content } = memoryFiles();
  const write = writer(open(files));
  const ends: (readonly [bytes: number, says: object])[] = [];
  const size = () => content.get("state-0000000001")?.length ?? 0;
  await write.whole();
  ends.push([size(), plain(write.after())]);
  for (const value of ["one", "two", "three"]) {
    await write.change(set("count", value));
    ends.push([size(), plain(write.after())]);
  }
  return { bytes: content.get("state-0000000001") ?? new Uint8Array(0), ends };
}

test("createFileStore recovers the last good state wherever a write was torn", async () => {
  const { bytes, ends } = await written();
  for (let length = 0; length <= bytes.length; length++) {
    const { files } = memoryFiles({ "state-0000000001": bytes.slice(0, length) });
    const expected = ends.filter(([end]) => end <= length).at(-1)?.[1];
    const found = await open(files).load();
    assert.deepEqual(found && plain(found), expected, `of ${length} bytes`);
  }
});

test("createFileStore goes on behind a torn write, in another file, and takes the torn one away", async () => {
  const { bytes } = await written();
  const { files, content } = memoryFiles({ "state-0000000001": bytes.slice(0, -1) });
  const store = open(files);
  const found = await store.load();
  assert.equal(found?.snapshot.position.revision, 2);
  const write = writer(store, { epoch: 6, revision: 2 });
  await write.promise(6);
  await write.change(set("count", "four"));
  assert.deepEqual([...content.keys()], ["state-0000000002"]);
  const again = await open(files).load();
  assert.deepEqual(again && plain(again), { promised: 6, epoch: 6, revision: 3, count: "four" });
});

test("createFileStore never takes a changed byte for a state: it says so, or has the last but one", async () => {
  const { bytes, ends } = await written();
  const lastStart = ends.at(-2)?.[0] ?? 0;
  for (let at = 0; at < bytes.length; at++) {
    const spoiled = bytes.slice();
    spoiled[at] = (spoiled[at] ?? 0) ^ 0x20;
    const { files } = memoryFiles({ "state-0000000001": spoiled });
    const found = await open(files)
      .load()
      .then((stored) => stored && plain(stored))
      .catch((error: { code: string }) => error.code);
    if (at >= lastStart) assert.deepEqual(found, ends.at(-2)?.[1], `byte ${at}`);
    else assert.equal(found, "data_loss", `byte ${at}`);
  }
});

test("createFileStore takes the earlier file where the later one was cut short while it was begun", async () => {
  const { bytes, ends } = await written();
  for (const length of [0, 5, 40]) {
    const { files } = memoryFiles({ "state-0000000001": bytes, "state-0000000002": bytes.slice(0, length) });
    const found = await open(files).load();
    assert.deepEqual(found && plain(found), ends.at(-1)?.[1]);
  }
});

test("createFileStore begins another file when one has many changes, and leaves that one alone", async () => {
  const { files, content } = memoryFiles();
  const write = writer(open(files, { spentBytesMax: 2_000 }));
  for (let count = 0; count < 200; count++) await write.change(set("count", `${count}`));
  assert.equal(content.size, 1);
  const [[name, bytes] = ["", new Uint8Array(0)]] = content;
  assert.ok(name > "state-0000000002", name);
  assert.ok(bytes.length < 2_500, `${bytes.length} bytes`);
  const found = await open(files).load();
  assert.deepEqual(found && plain(found), { promised: 3, epoch: 3, revision: 200, count: "199" });
});

test("createFileStore writes nothing behind a write that failed", async () => {
  const { files, content } = memoryFiles();
  let isFailing = false;
  const append = async (name: string, bytes: Uint8Array) => {
    await files.append(name, isFailing ? bytes.slice(0, -3) : bytes);
    if (isFailing) throw new Error("the disk is gone");
  };
  const write = writer(open({ ...files, append }));
  await write.whole();
  await write.change(set("count", "1"));
  isFailing = true;
  await assert.rejects(write.change(set("count", "2")), /the disk is gone/);
  const torn = await open(files).load();
  assert.equal(torn?.snapshot.position.revision, 1);
  isFailing = false;
  await write.change(set("count", "3"));
  assert.deepEqual([...content.keys()], ["state-0000000002"]);
  const found = await open(files).load();
  assert.deepEqual(found && plain(found), { promised: 3, epoch: 3, revision: 3, count: "3" });
});

test("createFileStore refuses files of other members or of another mechtron", async () => {
  const { files } = memoryFiles();
  await writer(open(files)).whole();
  await assert.rejects(open(files, { members: ["a", "b", "d"] }).load(), {
    code: "failed_precondition",
    message: /with a, b, c, it is asked for with a, b, d/,
  });
  const other = createFileStore({ files, name: "demo.test:other", members: MEMBERS });
  await assert.rejects(other.load(), { code: "failed_precondition", message: /its files are of "demo.test:count"/ });
});

test("createFileStore refuses a change that does not follow the state before it", async () => {
  const start = { kind: "start", name: "demo.test:count", members: MEMBERS, promised: 3 } as const;
  const first = encodeRecord({ ...start, snapshot: { position: { epoch: 3, revision: 1 }, state: EMPTY_STATE } }, 0);
  const change = { kind: "change", update: { before: { epoch: 3, revision: 2 }, changes: [] } } as const;
  const bytes = new Uint8Array([...first, ...encodeRecord(change, first.length)]);
  await assert.rejects(open(memoryFiles({ "state-0000000001": bytes }).files).load(), {
    code: "data_loss",
    message: /a change of epoch 3 revision 2 follows epoch 3 revision 1/,
  });
});

test("scanFile reads any bytes without more than an Error", async () => {
  const { bytes } = await written();
  for (let seed = 1; seed <= 2_000; seed++) {
    const spoiled = bytes.slice(0, (seed * 7919) % bytes.length);
    for (let turn = 0; turn < seed % 5; turn++)
      spoiled[(seed * 31 + turn * 17) % Math.max(1, spoiled.length)] = seed % 251;
    const { end } = scanFile(spoiled);
    assert.ok(end <= spoiled.length);
  }
});
