import assert from "node:assert/strict";
import { test } from "node:test";
import { linksByNearness } from "@orrery/sim";
import { errorBetween, movedBy, ORIGIN, roundTripBetween } from "./coordinates.ts";
import { createGossipDirectory, type GossipDirectory } from "./gossip-directory.ts";
import { Member } from "./member.ts";
import { makeGossipWorld, nodeName, seedsOf, who } from "./testing/gossip-world.ts";

const random = { next: () => 0.3, integer: () => 0, bytes: () => new Uint8Array() };

test("movedBy brings two nodes as far apart as their round trip is, and makes them sure of it", () => {
  let [a, b] = [ORIGIN, ORIGIN];
  for (let round = 0; round < 60; round++) {
    a = movedBy(a, { other: b, roundTripMs: 40, random });
    b = movedBy(b, { other: a, roundTripMs: 40, random });
  }
  assert.ok(Math.abs(roundTripBetween(a, b) - 40) < 1.5, `${roundTripBetween(a, b)}`);
  assert.ok(errorBetween(a, b) < 0.1, `${errorBetween(a, b)}`);
});

test("movedBy stays finite whatever is measured", () => {
  for (const roundTripMs of [0, -1, 1e9]) {
    const { x, y, height, error } = movedBy(ORIGIN, { other: { ...ORIGIN, error: 0 }, roundTripMs, random });
    assert.ok([x, y, height, error].every(Number.isFinite));
  }
});

test("createGossipDirectory knows how far nodes are that it never measured", async () => {
  const link = linksByNearness({ zone: 1, between: { kind: "uniform", minMs: 19, maxMs: 21 } });
  const gossip = makeGossipWorld({ link });
  const directories = new Map<string, GossipDirectory>();
  for (let index = 0; index < 30; index++) {
    const name = nodeName(index);
    gossip.world.node(name, {
      zone: index % 2 === 0 ? "east" : "west",
      components: [who(name)],
      directory: () => {
        const directory = createGossipDirectory({ seeds: seedsOf(2) });
        directories.set(name, directory);
        return directory;
      },
    });
  }
  await gossip.world.start();
  await gossip.world.run({ forMs: 300_000 });
  const seen = directories.get("n0")?.distances() ?? [];
  assert.ok(seen.length >= 27, `${seen.length} of 29`);
  const [near, far] = [0, 1].map((side) =>
    seen.filter(({ node }) => Number(node.slice(1)) % 2 === side).map(({ ms }) => ms),
  );
  assert.ok(Math.max(...(near ?? [])) < 10, `near: ${near}`); // 1 ms in truth, with an error of some part of the 20 elsewhere.
  assert.ok(Math.min(...(far ?? [])) > 15 && Math.max(...(far ?? [])) < 27.5, `far: ${far}`);
});

test("Member.estimatedFrom follows both nodes as they move, and says nothing while one is unsure", () => {
  const at = (x: number, error: number) => ({ x, y: 0, height: 1, error });
  const member = new Member("far");
  const load = (version: number, x: number, error = 0.1) =>
    member.takeLoad({ version, advertVersion: 1, freeSlots: [], coordinates: at(x, error), placeVersion: version });
  assert.equal(member.estimatedFrom(at(0, 0.1)), undefined);
  load(1, 8);
  const here = at(0, 0.1);
  assert.equal(member.estimatedFrom(here)?.ms, 5);
  assert.equal(member.estimatedFrom(here), member.estimatedFrom(here));
  assert.equal(member.estimatedFrom(at(2, 0.1))?.ms, 4);
  load(2, 18);
  assert.equal(member.estimatedFrom(here)?.ms, 10);
  load(3, 18, 0.9);
  assert.equal(member.estimatedFrom(here), undefined);
});
