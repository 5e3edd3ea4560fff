import assert from "node:assert/strict";
import { test } from "node:test";
import { buildPage } from "../page-files.ts";
import { project } from "./projection.ts";
import { ringsOf, type Topology } from "./topology.ts";

test("ringsOf joins arcs, forwards and backwards, from differences", () => {
  const steps: Topology = {
    transform: { scale: [1, 1], translate: [-100, 40] },
    arcs: [
      [
        [0, 0],
        [1, 0],
      ],
      [
        [0, 0],
        [0, 1],
        [1, 0],
      ],
    ],
    states: [[[0, ~1]]],
  };
  const at = (longitude: number, latitude: number) => project({ longitude, latitude });
  assert.deepEqual(ringsOf(steps), [[at(-100, 40), at(-99, 40), at(-99, 41), at(-100, 41), at(-100, 40)]]);
});

test("ringsOf gives the states that the page is sent", async () => {
  const files = await buildPage();
  const rings = ringsOf(JSON.parse(files.get("/map.json")?.body ?? "") as Topology);
  assert.ok(rings.length > 53);
  assert.ok(rings.flat().length > 10_000);
});
