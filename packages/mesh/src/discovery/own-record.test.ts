import assert from "node:assert/strict";
import { test } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import { LOAD_TURNS_SAVED } from "./limits.ts";
import { loadTurnMs, OwnRecord, type ServedComponent } from "./own-record.ts";

const served = (freeSlots: number): readonly ServedComponent[] => [
  { name: "work", version: "1.0.0", fingerprint: "0123456789abcdef", instances: 5, freeSlots },
];
const HERE = { x: 10, y: 20, height: 1, error: 0.2 };
const TURN_MS = 10_000;

/** A record that has told what it serves and where it is, some turns ago. */
function record() {
  const own = new OwnRecord({ node: "a", incarnation: 1 });
  own.refresh({ addresses: ["sim://a"], served: served(5), networks: [], sharesRates: false });
  const random = createSeededRandom(1);
  const tell = (nowMs: number, freeSlots: number, coordinates = HERE) =>
    own.refreshLoad({ served: served(freeSlots), coordinates, nowMs, turnMs: TURN_MS, random })?.load;
  assert.deepEqual(tell(-7 * TURN_MS, 5)?.coordinates, HERE);
  return { own, tell };
}

test("OwnRecord tells at once that a component became full or free, as long as turns are left", () => {
  const { tell } = record();
  const told = Array.from({ length: 8 }, (_, second) => tell(1000 * second, second % 2 === 0 ? 0 : 5));
  assert.equal(told.filter((load) => load !== undefined).length, LOAD_TURNS_SAVED);
  assert.deepEqual(
    told.slice(0, 3).map((load) => load?.freeSlots),
    [[0], [5], [0]],
  );
});

test("OwnRecord tells of a load that goes on changing once a turn", () => {
  const { tell } = record();
  const told = Array.from({ length: 1000 }, (_, second) => tell(1000 * second, second % 2 === 0 ? 0 : 5));
  const times = told.filter((load) => load !== undefined).length;
  assert.ok(Math.abs(times - 100) < 15, `${times} times in 100 turns`);
});

test("OwnRecord waits for its turn with a load that is neither full nor free for the first time", () => {
  const { tell } = record();
  assert.deepEqual(tell(0, 4)?.freeSlots, [4]);
  assert.equal(tell(1000, 3), undefined);
  assert.deepEqual(tell(1.5 * TURN_MS, 3)?.freeSlots, [3]);
});

test("OwnRecord tells its place with a load where it moved, and else the version with which it told it", () => {
  const { own, tell } = record();
  const before = own.whole.load?.version;
  const told = tell(0, 0);
  assert.deepEqual([told?.coordinates, told?.placeVersion], [undefined, before]);
  assert.deepEqual(own.whole.load?.coordinates, HERE);
  const there = { ...HERE, x: 90 };
  assert.equal(tell(1000, 5, there)?.coordinates, undefined);
  const moved = tell(1000 * TURN_MS, 0, there);
  assert.deepEqual([moved?.coordinates, moved?.placeVersion], [there, moved?.version]);
});

test("loadTurnMs grows with the network and with what there is to tell", () => {
  const { own } = record();
  assert.equal(loadTurnMs(own, 100), 10 * loadTurnMs(own, 10));
  const large = new OwnRecord({ node: "a", incarnation: 1 });
  const many = Array.from({ length: 100 }, (_, index) => ({ ...served(5)[0], name: `c${index}` }) as ServedComponent);
  large.refresh({ addresses: ["sim://a"], served: many, networks: [], sharesRates: false });
  assert.ok(loadTurnMs(large, 10) > 2 * loadTurnMs(own, 10));
});
