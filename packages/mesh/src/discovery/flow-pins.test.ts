import assert from "node:assert/strict";
import { test } from "node:test";
import { createFlowPins } from "./flow-pins.ts";
import { FLOWS_PINNED_MAX } from "./limits.ts";

const flow = (id: number, node = "n") => ({ id, node, name: "f", parentId: 0 });

test("createFlowPins keeps a version for each component of each flow", () => {
  const pins = createFlowPins();
  pins.set(flow(1), "a", "1.0.0");
  pins.set(flow(1), "b", "2.0.0");
  pins.set(flow(1, "m"), "a", "3.0.0");
  pins.set(undefined, "a", "4.0.0");
  const seen = [
    pins.get(flow(1), "a"),
    pins.get(flow(1), "b"),
    pins.get(flow(1, "m"), "a"),
    pins.get(flow(2), "a"),
    pins.get(undefined, "a"),
  ];
  assert.deepEqual(seen, ["1.0.0", "2.0.0", "3.0.0", "", ""]);
});

test("createFlowPins forgets the flow that was met first for one past its bound", () => {
  const pins = createFlowPins();
  for (let id = 0; id < FLOWS_PINNED_MAX; id++) pins.set(flow(id), "a", "1.0.0");
  assert.equal(pins.get(flow(0), "a"), "1.0.0");
  pins.set(flow(FLOWS_PINNED_MAX), "a", "1.0.0");
  assert.deepEqual([pins.get(flow(0), "a"), pins.get(flow(1), "a")], ["", "1.0.0"]);
});
