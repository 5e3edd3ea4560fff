import assert from "node:assert/strict";
import { test } from "node:test";
import { curveBetween, layOut, pointOf } from "./layout.ts";

const nodesIn = (...zones: readonly string[]) =>
  zones.map((zone, index) => ({ name: `n${index}`, machine: `m${index}`, zone }));

const sizes = [
  { width: 1048, height: 760 },
  { width: 390, height: 388 },
];

const worlds: readonly (readonly [string, ReturnType<typeof nodesIn>])[] = [
  ["one node", nodesIn("")],
  ["one zone", nodesIn("", "", "", "", "")],
  ["two zones", nodesIn("a", "a", "b")],
  ["five zones", nodesIn("a", "b", "c", "d", "e", "e")],
  ["300 nodes", nodesIn(...Array.from({ length: 300 }, () => ""))],
  ["nine zones of 40", nodesIn(...Array.from({ length: 360 }, (_, index) => `z${index % 9}`))],
];

for (const [name, nodes] of worlds)
  for (const { width, height } of sizes)
    test(`layOut gives ${name} places of their own within ${width} × ${height}`, () => {
      const { spots } = layOut(nodes, { width, height });
      assert.equal(spots.filter(Boolean).length, nodes.length);
      for (const [index, { x, y, radius }] of spots.entries()) {
        assert.ok(x > radius && x < width - radius && y > radius && y < height - radius, `${x} ${y}`);
        for (const other of spots.slice(index + 1))
          assert.ok(Math.hypot(other.x - x, other.y - y) > radius, "two nodes lie on one another");
      }
    });

test("layOut keeps zones apart, and nodes of one machine side by side", () => {
  const nodes = ["b", "a", "b", "a"].map((machine, index) => ({ name: `n${index}`, machine, zone: "" }));
  const { spots, orbits } = layOut(nodes, { width: 800, height: 800 });
  const order = [...spots.keys()].sort((a, b) => angleOf(spots[a]) - angleOf(spots[b])).map((at) => nodes[at]?.machine);
  assert.match(order.join("").repeat(2), /aabb/);
  assert.equal(orbits.length, 1);
  const apart = layOut(nodesIn("a", "a", "a", "b", "b", "b"), { width: 800, height: 500 }).spots;
  const [left, right] = [apart.slice(0, 3), apart.slice(3)].map((side) => side.map(({ x }) => x));
  assert.ok(Math.max(...(left ?? [])) < Math.min(...(right ?? [])));
});

function angleOf({ x, y }: { x: number; y: number } = { x: 0, y: 0 }): number {
  return (Math.atan2(y - 400, x - 400) + 2 * Math.PI + Math.PI / 2 + 1e-9) % (2 * Math.PI);
}

test("curveBetween leads from rim to rim, and bends each direction to its own side", () => {
  const [a, b] = [
    { x: 0, y: 0, radius: 10, side: 0 },
    { x: 200, y: 0, radius: 20, side: 0 },
  ];
  const there = curveBetween(a, b);
  const back = curveBetween(b, a);
  assert.ok(Math.abs(Math.hypot(there.x0, there.y0) - 12) < 1e-9);
  assert.ok(Math.abs(Math.hypot(there.x1 - 200, there.y1) - 22) < 1e-9);
  assert.ok(pointOf(there, 0.5)[1] > 5 && pointOf(back, 0.5)[1] < -5);
  assert.deepEqual(pointOf(there, 0), [there.x0, there.y0]);
});
