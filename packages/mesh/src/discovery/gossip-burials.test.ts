import assert from "node:assert/strict";
import { test } from "node:test";
import { assertHolds, replay } from "@orrery/sim";
import { burials } from "./testing/burials.ts";
import { makeGossipWorld, nodeName, seedsOf } from "./testing/gossip-world.ts";

const IS_LONG = process.env["ORRERY_LONG"] === "1";

test("createGossipDirectory buries nobody who is well, whatever befell others, from seeds 1 to …", async () => {
  await assertHolds(burials, { runs: IS_LONG ? 3000 : 40, strategies: ["seeds"] });
});

/** Networks in which a node heard nobody for some time, and said that all were dead: each was believed once. */
const DEAF: Readonly<Record<string, readonly string[]>> = {
  "of 8, one of which hears nothing for 38 s": [
    "seed 7, calm",
    "without n0, n5, n7, n1",
    "drop harm 1,2,3,4,5,6,7",
    "pick draw network 2 = 1",
    "pick draw harm/7 1 = 2",
    "pick draw harm/7 4 = 37535",
    "pick draw harm/7 5 = 279734",
  ],
  "of 25, of which five are there": [
    "seed 32, calm",
    "without n0, n2, n3, n5, n6, n7, n9, n10, n11, n12, n13, n14, n15, n16, n17, n20, n22, n24, n4, n18",
    "drop harm 1,2,3,5,6,7,8",
    "pick draw network 1 = 1",
    "pick draw network 2 = 20",
    "pick draw harm/3 1 = 2",
    "pick draw harm/3 4 = 36894",
    "pick draw harm/3 5 = 641123",
  ],
  "of 5, of which three are there": [
    "seed 40, calm",
    "without n2, n1",
    "drop harm 1,2,3,4,5,7,8",
    "pick draw harm/5 1 = 2",
    "pick draw harm/5 4 = 30547",
  ],
  "of 22, of which six are there": [
    "seed 42, calm",
    "without n0, n1, n3, n4, n5, n6, n7, n8, n9, n10, n11, n12, n13, n14, n15, n20",
    "drop harm 1,2,3,4,8",
    "pick draw network 1 = 1",
    "pick draw network 2 = 17",
    "pick draw harm/4 1 = 2",
    "pick draw harm/4 4 = 33614",
    "pick draw harm/4 5 = 978887",
  ],
};

for (const [network, tape] of Object.entries(DEAF))
  test(`createGossipDirectory buries nobody at the word of a node that hears nothing: a network ${network}`, async () => {
    await replay(burials, tape);
  });

/** How long after a kill each of the others takes a node for dead, in ms. */
async function knownAfter(count: number, fault: (victim: string) => readonly string[]): Promise<readonly number[]> {
  const knownMs: number[] = [];
  let beganMs = Number.POSITIVE_INFINITY;
  const victim = nodeName(4);
  const gossip = makeGossipWorld({}, { seeds: seedsOf(3) });
  const { world } = gossip;
  for (let index = 0; index < count; index++) {
    const onMember = ({ node, status }: { readonly node: string; readonly status: string }) => {
      if (node === victim && status === "dead" && index !== 4) knownMs.push(world.elapsedMs - beganMs);
    };
    gossip.add(nodeName(index), { onMember });
  }
  await world.start();
  await world.run({ forMs: 20_000 });
  beganMs = world.elapsedMs;
  for (const line of fault(victim)) world.inject(line);
  await world.until(() => knownMs.length >= count - 1, { withinMs: 60_000 });
  return knownMs.sort((a, b) => a - b);
}

for (const count of [10, 50])
  test(`createGossipDirectory knows of ${count} nodes within 3 s that a process was killed, as its machine says so`, async () => {
    const known = await knownAfter(count, (victim) => [`crash ${victim}`]);
    assert.ok((known[0] ?? 0) >= 900, `${known[0]} ms: it had no time to deny`);
    assert.ok((known.at(-1) ?? 0) < 3000, `${known.at(-1)} ms`);
  });

test("createGossipDirectory gives a node that is merely silent its whole time to deny", async () => {
  const known = await knownAfter(10, (victim) => [`cut ${victim}>*`, `cut *>${victim}`]);
  assert.ok((known[0] ?? 0) >= 4000, `${known[0]} ms`);
});
