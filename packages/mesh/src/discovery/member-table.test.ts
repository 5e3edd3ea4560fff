import assert from "node:assert/strict";
import { test } from "node:test";
import { createByteReader, createByteWriter } from "@orrery/core/internal";
import fc from "fast-check";
import type { Entry, Load } from "./entry.ts";
import { encodeEntry, type RawEntry, readEntry } from "./entry-codec.ts";
import { DEAD_MAX, DEAD_REMEMBER_MS, DEAD_REST_MS, MEMBERS_MAX } from "./limits.ts";
import { MemberTable } from "./member-table.ts";

const component = (name: string, instances = 1) => ({
  name,
  version: "1.0.0",
  fingerprint: "00000000000000aa",
  instances,
});

function raw(given: Partial<Entry> & Pick<Entry, "node">): RawEntry {
  const base = { incarnation: 1, version: 1, status: "alive", by: "", advertVersion: 1, load: undefined } as const;
  const advert = { since: 0, addresses: [`sim://${given.node}`], components: [component("work")], networks: [] };
  const writer = createByteWriter();
  writer.data(encodeEntry({ ...base, advert, ...given }));
  return readEntry(createByteReader(writer.finish()));
}

const news = { nowMs: 0, isDoubtful: false };

function table(...entries: readonly RawEntry[]): MemberTable {
  const made = new MemberTable("self");
  for (const entry of entries) made.merge(entry, news);
  return made;
}

for (const [what, said, status] of [
  ["the same again", {}, "alive"],
  ["a suspicion of this version", { status: "suspect" }, "suspect"],
  ["a suspicion of the version before", { version: 4, status: "suspect" }, "alive"],
  ["a death of this version", { status: "dead" }, "dead"],
  ["a denial of that", { version: 6 }, "alive"],
  ["a death in an earlier life", { incarnation: 2, version: 9, status: "dead" }, "alive"],
  ["the next life", { incarnation: 4, version: 1 }, "alive"],
  ["a leave", { version: 6, status: "left" }, "left"],
] as const)
  test(`MemberTable holds a node for ${status} after ${what}`, () => {
    const known = table(raw({ node: "a", incarnation: 3, version: 5 }));
    known.merge(raw({ node: "a", incarnation: 3, version: 5, ...said }), news);
    assert.equal(known.get("a")?.status, status);
  });

test("MemberTable takes a death that is only remembered for a suspicion, and one of a stranger for nothing", () => {
  const known = table(raw({ node: "a" }));
  known.merge(raw({ node: "a", status: "dead" }), { nowMs: 0, isDoubtful: true });
  assert.equal(known.get("a")?.status, "suspect");
  assert.equal(known.merge(raw({ node: "b", status: "dead" }), { nowMs: 0, isDoubtful: true }), undefined);
  assert.equal(known.merge(raw({ node: "c", status: "left" }), news), undefined);
});

test("MemberTable has the same sums whatever the order in which it learnt, and others for any difference", () => {
  const status = fc.constantFrom("alive", "suspect", "dead", "left");
  const number = fc.integer({ min: 1, max: 4 });
  const one = fc.record({ node: fc.constantFrom("a", "b", "c", "d"), incarnation: number, version: number, status });
  const sumsOf = (known: MemberTable) => known.sums.join();
  fc.assert(
    fc.property(fc.array(one, { maxLength: 12 }), fc.nat(), (said, shift) => {
      // Everybody is known at first: of strangers, who is gone is not taken note of.
      const all = ["a", "b", "c", "d"].map((node) => raw({ node, incarnation: 0 }));
      const turned = [...said.slice(shift % (said.length + 1)), ...said.slice(0, shift % (said.length + 1))];
      const [one, other] = [said, turned].map((list) => table(...all, ...list.map((entry) => raw(entry))));
      assert.equal(one && sumsOf(one), other && sumsOf(other));
    }),
  );
  const sums = [{ node: "a" }, { node: "b" }, { node: "a", version: 2 }, { node: "a", incarnation: 2 }].map((entry) =>
    sumsOf(table(raw(entry))),
  );
  assert.equal(new Set(sums).size, 4);
  assert.equal(sumsOf(table(raw({ node: "a" }), raw({ node: "a", status: "dead" }))), sumsOf(table()));
});

test("MemberTable applies differences to the advert that they belong to, and wants the whole where they do not fit", () => {
  const known = table(raw({ node: "a" }));
  const change = (advertVersion: number, since: number, ...components: ReturnType<typeof component>[]) =>
    known.merge(
      raw({
        node: "a",
        version: advertVersion,
        advertVersion,
        advert: { since, addresses: ["sim://a"], components, networks: [] },
      }),
      news,
    );
  assert.equal(change(2, 1, component("more", 3))?.isWanting, false);
  assert.deepEqual(
    known.get("a")?.components.map(({ name, instances }) => [name, instances]),
    [
      ["more", 3],
      ["work", 1],
    ],
  );
  assert.equal(change(3, 2, component("work", 0))?.isAdvert, true);
  assert.deepEqual(
    known.get("a")?.components.map(({ name }) => name),
    ["more"],
  );
  assert.equal(change(6, 5, component("late"))?.isWanting, true);
  assert.equal(known.get("a")?.advertVersion, 3);
  assert.equal(change(6, 0, component("late"))?.isAdvert, true);
  assert.deepEqual(
    known.get("a")?.components.map(({ name }) => name),
    ["late"],
  );
  const load = { version: 4, advertVersion: 6, freeSlots: [7], coordinates: undefined, placeVersion: 0 };
  assert.equal(known.merge(raw({ node: "a", version: 6, advert: undefined, load }), news)?.isLoad, true);
  assert.equal(known.get("a")?.freeSlots(0), 7);
  assert.equal(
    known.merge(raw({ node: "a", version: 6, advert: undefined, load: { ...load, version: 3 } }), news),
    undefined,
  );
});

test("MemberTable knows as many as it may, and none past it", () => {
  const known = table(...Array.from({ length: MEMBERS_MAX }, (_, index) => raw({ node: `n${index}` })));
  assert.equal(known.there, MEMBERS_MAX);
  assert.equal(known.merge(raw({ node: "one more" }), news), undefined);
  assert.ok(known.merge(raw({ node: "n7", version: 2 }), news) !== undefined);
});

test("MemberTable remembers as many that are gone as it may, the latest, and each for so long", () => {
  const names = Array.from({ length: DEAD_MAX + 1 }, (_, index) => `n${index}`);
  const known = table(...names.map((node) => raw({ node })));
  for (const [index, node] of names.entries())
    known.merge(raw({ node, status: "dead" }), { nowMs: index, isDoubtful: false });
  assert.equal(known.gone - 1, DEAD_MAX); // The node itself stands nowhere yet.
  assert.equal(known.get("n0"), undefined);
  known.forget(DEAD_REMEMBER_MS + 3);
  assert.equal(known.get("n3"), undefined);
  assert.ok(known.get("n4") !== undefined);
});

test("MemberTable lets go of the load and the addresses of a node that is gone for long, and has what it serves when it is back", () => {
  const load: Load = { version: 3, advertVersion: 1, freeSlots: [4], coordinates: undefined, placeVersion: 0 };
  const known = table(raw({ node: "a", load }));
  const told = known.get("a")?.addresses;
  known.merge(raw({ node: "a", status: "dead" }), news);
  known.forget(DEAD_REST_MS - 1);
  assert.deepEqual([known.get("a")?.addresses === told, known.get("a")?.load?.freeSlots], [true, [4]]);
  known.forget(DEAD_REST_MS);
  assert.deepEqual([known.get("a")?.addresses === told, known.get("a")?.load], [false, undefined]);
  const back = known.merge(raw({ node: "a", version: 2, advert: undefined, load }), news);
  assert.deepEqual([back?.isWanting, back?.isLoad, back?.member.status], [false, true, "alive"]);
  assert.deepEqual([back?.member.addresses, back?.member.components.length], [["sim://a"], 1]);
});

test("MemberTable takes slots and place of a load by their own versions, and its sum tells that a place was missed", () => {
  const place = (x: number) => ({ x, y: 0, height: 1, error: 0.5 });
  const load = (version: number, placeVersion: number, x?: number): Load => {
    const coordinates = x === undefined ? undefined : place(x);
    return { version, advertVersion: 1, freeSlots: [version], coordinates, placeVersion };
  };
  const telling = (of: Load) => raw({ node: "a", advert: undefined, load: of });
  const [heard, missed] = [table(raw({ node: "a" })), table(raw({ node: "a" }))];
  for (const known of [heard, missed]) known.merge(telling(load(1, 1, 10)), news);
  heard.merge(telling(load(2, 2, 20)), news);
  for (const known of [heard, missed]) assert.equal(known.merge(telling(load(3, 2)), news)?.isLoad, true);
  assert.deepEqual([heard.get("a")?.load, missed.get("a")?.load], [load(3, 2, 20), load(3, 1, 10)]);
  assert.notDeepEqual(heard.loadSums, missed.loadSums);
  assert.equal(missed.merge(telling(load(3, 2, 20)), news)?.isLoad, true);
  assert.deepEqual(missed.loadSums, heard.loadSums);
  assert.equal(missed.merge(telling(load(2, 1, 10)), news), undefined);
});
