import assert from "node:assert/strict";
import { test } from "node:test";
import { RINGS } from "./limits.ts";
import { neighboursOf, ringPlaces } from "./rings.ts";

const nodes = (count: number, prefix = "node") =>
  Array.from({ length: count }, (_, index) => ({
    node: `${prefix}-${index}`,
    places: ringPlaces(`${prefix}-${index}`),
  }));

test("neighboursOf makes all of a few nodes neighbours", () => {
  const all = nodes(2 * RINGS + 1);
  const [self, ...others] = all as [(typeof all)[0], ...typeof all];
  assert.deepEqual(neighboursOf(self, others), others);
});

test("neighboursOf is mutual, keeps neighbours few, and holds together when half of the nodes are gone", () => {
  for (const count of [20, 100, 500]) {
    const all = nodes(count).filter((_, index) => index % 2 === 0 || count < 100);
    const edges = new Map(
      all.map((self) => [
        self.node,
        neighboursOf(
          self,
          all.filter((other) => other !== self),
        ).map(({ node }) => node),
      ]),
    );
    for (const [node, others] of edges) {
      assert.ok(others.length > RINGS && others.length <= 2 * RINGS, `${others.length} of ${count}`);
      for (const other of others) assert.ok(edges.get(other)?.includes(node));
    }
    const reached = new Set([all[0]?.node ?? ""]);
    for (const node of reached) for (const other of edges.get(node) ?? []) reached.add(other);
    assert.equal(reached.size, all.length);
  }
});
