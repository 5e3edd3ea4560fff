import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nearNames } from "./edit-distance.ts";

describe("nearNames", () => {
  for (const [said, near] of [
    ["spcae", ["space"]],
    ["my_Space", ["my-space", "space"]],
    ["spaces", ["space", "spares"]],
    ["sp", []],
    ["", []],
  ] as const)
    it(`takes "${said}" for ${near.join(" or ") || "nothing"}`, () => {
      assert.deepEqual(nearNames(said, ["spares", "space", "my-space", "space"]), near);
    });
});
