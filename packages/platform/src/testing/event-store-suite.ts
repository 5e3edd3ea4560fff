import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Appended, EventStore, LogName, NewEntry } from "../events/event-store.ts";

/** A store, empty at first, and what it is kept in. */
export interface StoreLife {
  readonly store: EventStore;
  /** Opens what is kept by another session, beside the first. */
  beside(): Promise<EventStore>;
  close(): Promise<void>;
}

const LOG: LogName = { space: 7, topic: "orders" };

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Entries whose ids are their bodies. */
export function entriesOf(ids: readonly string[], at = 1_000): NewEntry[] {
  return ids.map((id, index) => ({ id, at: at + index, note: `{"about":"${id}"}`, body: bytesOf(id) }));
}

const rising = (done: readonly Appended[]) => done.map(({ offset }) => offset);

/** What every store does, whichever engine keeps it. */
export function testEventStore(open: () => Promise<StoreLife>): void {
  const use = async (run: (life: StoreLife) => Promise<void>) => {
    const life = await open();
    try {
      await run(life);
    } finally {
      await life.close();
    }
  };
  testAppending(use);
  testTrimming(use);
  testRecords(use);
}

type Use = (run: (life: StoreLife) => Promise<void>) => Promise<void>;

function testAppending(use: Use): void {
  describe("logs", () => {
    it("keep entries in order, to the byte, for whoever opens them", () =>
      use(async ({ store, beside }) => {
        const note = JSON.stringify({ text: 'ü "\\ \n', deep: { list: [1, null] } });
        const body = Uint8Array.from({ length: 256 }, (_, index) => index);
        const entries = [
          { id: "a b/ü", at: 5, note, body },
          { id: "empty", at: 6, note: "", body: new Uint8Array() },
        ];
        const offsets = rising(await store.logs.append(LOG, entries));
        const other = await beside();
        const read = await other.logs.read(LOG, { from: 1, limit: 10 });
        assert.deepEqual(
          read.map(({ offset, ...entry }) => entry),
          entries,
        );
        assert.deepEqual(rising(read.map(({ offset }) => ({ offset, isNew: true }))), offsets);
        await other[Symbol.asyncDispose]();
      }));

    it("take an id once, within what is written at once as well", () =>
      use(async ({ store }) => {
        const first = await store.logs.append(LOG, entriesOf(["a", "b", "a"]));
        assert.deepEqual(
          first.map(({ isNew }) => isNew),
          [true, true, false],
        );
        assert.equal(first[2]?.offset, first[0]?.offset);
        const again = await store.logs.append(LOG, entriesOf(["c", "b"]));
        assert.deepEqual(
          again.map(({ isNew }) => isNew),
          [true, false],
        );
        assert.equal(again[1]?.offset, first[1]?.offset);
        const read = await store.logs.read(LOG, { from: 1, limit: 10 });
        assert.deepEqual(
          read.map(({ id }) => id),
          ["a", "b", "c"],
        );
        const other = await store.logs.append({ ...LOG, topic: "others" }, entriesOf(["a"]));
        assert.deepEqual(other[0]?.isNew, true, "ids are of one topic");
      }));

    it("give pages, single entries, and where they stand", () =>
      use(async ({ store }) => {
        assert.deepEqual(await store.logs.head(LOG), { first: 1, next: 1, entries: 0, bytes: 0 });
        assert.deepEqual(await store.logs.read(LOG, { from: 1, limit: 10 }), []);
        assert.deepEqual(await store.logs.pick(LOG, [1, 2]), []);
        const names = Array.from({ length: 25 }, (_, index) => `e${index}`);
        const offsets = rising(await store.logs.append(LOG, entriesOf(names)));
        const seen: string[] = [];
        for (let from = 1; ; ) {
          const page = await store.logs.read(LOG, { from, limit: 10 });
          assert.ok(page.length <= 10);
          if (page.length === 0) break;
          seen.push(...page.map(({ id }) => id));
          from = (page.at(-1)?.offset ?? 0) + 1;
        }
        assert.deepEqual(seen, names);
        const some = [offsets[3], offsets[20], 1_000_000] as number[];
        assert.deepEqual(
          (await store.logs.pick(LOG, some)).map(({ id }) => id),
          ["e3", "e20"],
        );
        const { first, next, entries, bytes } = await store.logs.head(LOG);
        assert.deepEqual([first, next > (offsets[24] as number), entries], [offsets[0], true, 25]);
        assert.ok(bytes > 25);
      }));

    it("find where a time is", () =>
      use(async ({ store }) => {
        const [a = 0, b = 0, c = 0] = rising(await store.logs.append(LOG, entriesOf(["a", "b", "c"], 1_000)));
        const found = (at: number) => store.logs.find(LOG, at);
        assert.deepEqual([await found(0), await found(1_000), await found(1_001), await found(1_002)], [a, a, b, c]);
        assert.ok((await found(9_999)) > c);
        assert.ok((await store.logs.find({ ...LOG, topic: "none" }, 5)) >= 1);
      }));

    it("give offsets in the order in which entries come to be seen, whoever writes", () =>
      use(async ({ store, beside }) => {
        const other = await beside();
        const writers = [store, other].flatMap((one, who) =>
          Array.from({ length: 8 }, async (_, turn) =>
            one.logs.append(LOG, entriesOf([`${who}.${turn}.0`, `${who}.${turn}.1`])),
          ),
        );
        const seen: number[] = [];
        let isOver = false;
        const reading = (async () => {
          for (let from = 1; ; ) {
            const wasOver = isOver;
            const page = await other.logs.read(LOG, { from, limit: 3 });
            seen.push(...page.map(({ offset }) => offset));
            from = (page.at(-1)?.offset ?? from - 1) + 1;
            if (wasOver && page.length === 0) return;
          }
        })();
        const written = (await Promise.all(writers)).flatMap(rising);
        isOver = true;
        await reading;
        assert.deepEqual(
          seen,
          written.sort((one, two) => one - two),
        );
        await other[Symbol.asyncDispose]();
      }));
  });
}

function testTrimming(use: Use): void {
  describe("what is trimmed", () => {
    it("is gone: by offset, by name, and the oldest of too many bytes", () =>
      use(async ({ store }) => {
        const names = Array.from({ length: 10 }, (_, index) => `e${index}`);
        const offsets = rising(await store.logs.append(LOG, entriesOf(names)));
        await store.logs.trim(LOG, { before: offsets[3] as number });
        await store.logs.trim(LOG, { offsets: [offsets[5] as number, 1_000_000] });
        const left = async () => (await store.logs.read(LOG, { from: 1, limit: 100 })).map(({ id }) => id);
        assert.deepEqual(await left(), ["e3", "e4", "e6", "e7", "e8", "e9"]);
        const head = await store.logs.head(LOG);
        assert.deepEqual([head.first, head.entries], [offsets[3], 6]);
        const big = new Uint8Array(30_000);
        await store.logs.append(
          LOG,
          entriesOf(["big0", "big1", "big2", "big3"]).map((one) => ({ ...one, body: big })),
        );
        await store.logs.trim(LOG, { bytesMax: 70_000 });
        assert.deepEqual(await left(), ["big2", "big3"]);
        assert.ok((await store.logs.head(LOG)).bytes <= 70_000);
      }));

    it("does not come back under its offset", () =>
      use(async ({ store }) => {
        const [, b = 0] = rising(await store.logs.append(LOG, entriesOf(["a", "b"])));
        await store.logs.trim(LOG, { before: b + 1 });
        const { first, next, entries } = await store.logs.head(LOG);
        assert.deepEqual([first, next, entries], [b + 1, b + 1, 0]);
        const [c = 0] = rising(await store.logs.append(LOG, entriesOf(["c"])));
        assert.ok(c > b);
      }));

    it("is all of a topic, or of a space, when it is dropped", () =>
      use(async ({ store }) => {
        const places = [LOG, { space: 7, topic: "others" }, { space: 8, topic: "orders" }];
        for (const place of places) {
          await store.logs.append(place, entriesOf(["a"]));
          await store.records.put({ ...place, group: "" }, { value: "{}", expected: 0 });
          await store.records.put({ ...place, group: "g" }, { value: "{}", expected: 0 });
        }
        const left = async () => {
          const heads = await Promise.all(places.map((place) => store.logs.head(place)));
          const records = await Promise.all([7, 8].map((space) => store.records.list(space)));
          return [...heads.map(({ entries }) => entries), ...records.map((all) => all.length)];
        };
        assert.deepEqual(await left(), [1, 1, 1, 4, 2]);
        assert.deepEqual([...(await store.spaces())].sort(), [7, 8]);
        await store.drop(7, "others");
        assert.deepEqual(await left(), [1, 0, 1, 2, 2]);
        await store.drop(7);
        await store.drop(7);
        assert.deepEqual(await left(), [0, 0, 1, 0, 2]);
        assert.deepEqual(await store.spaces(), [8]);
        const [again] = await store.logs.append(LOG, entriesOf(["a"]));
        assert.equal(again?.isNew, true, "its ids are forgotten, too");
      }));
  });
}

function testRecords(use: Use): void {
  const name = { ...LOG, group: "billing" };

  describe("records", () => {
    it("change only from the version that is known, which never comes again", () =>
      use(async ({ store, beside }) => {
        const other = await beside();
        assert.equal(await store.records.get(name), undefined);
        const first = await store.records.put(name, { value: "1", expected: 0 });
        assert.ok(first !== undefined);
        assert.equal(await other.records.put(name, { value: "x", expected: 0 }), undefined);
        const second = await other.records.put(name, { value: "2", expected: first });
        assert.ok(second !== undefined);
        assert.equal(await store.records.put(name, { value: "x", expected: first }), undefined);
        assert.deepEqual(await store.records.get(name), { value: "2", version: second });
        await store.records.remove(name);
        await store.records.remove(name);
        assert.equal(await store.records.get(name), undefined);
        assert.equal(await store.records.put(name, { value: "x", expected: second }), undefined);
        const third = await store.records.put(name, { value: "3", expected: 0 });
        assert.ok(third !== undefined && ![first, second].includes(third));
        await other[Symbol.asyncDispose]();
      }));

    it("are listed, those of one space alone", () =>
      use(async ({ store }) => {
        const large = "x".repeat(200_000);
        await store.records.put(name, { value: large, expected: 0 });
        await store.records.put({ ...name, topic: "orders/dead/billing", group: "" }, { value: "d", expected: 0 });
        await store.records.put({ ...name, space: 70 }, { value: "o", expected: 0 });
        const listed = [...(await store.records.list(7))].sort((a, b) => a.topic.length - b.topic.length);
        assert.deepEqual(
          listed.map(({ version, ...one }) => one),
          [
            { ...name, value: large },
            { space: 7, topic: "orders/dead/billing", group: "", value: "d" },
          ],
        );
      }));

    it("give one of those who write at once the word", () =>
      use(async ({ store, beside }) => {
        const other = await beside();
        const tries = Array.from({ length: 10 }, (_, index) =>
          (index % 2 === 0 ? store : other).records.put(name, { value: String(index), expected: 0 }),
        );
        const done = (await Promise.all(tries)).filter((version) => version !== undefined);
        assert.equal(done.length, 1);
        await other[Symbol.asyncDispose]();
      }));
  });

  describe("listeners", () => {
    it("hear of what another session writes", () =>
      use(async ({ store, beside }) => {
        if (store.listen === undefined) return;
        const other = await beside();
        const heard = Promise.withResolvers<void>();
        const stop = await store.listen((log) => {
          if (log?.topic === LOG.topic && log.space === LOG.space) heard.resolve();
        });
        await other.logs.append(LOG, entriesOf(["a"]));
        await heard.promise;
        await stop();
        await other[Symbol.asyncDispose]();
      }));
  });
}
