import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLiveDirectory, tableOf } from "./live-directory.ts";

describe("createLiveDirectory", () => {
  it("knows nothing at first", () => {
    const directory = createLiveDirectory();
    assert.deepEqual(directory.components(), []);
    assert.deepEqual(directory.resolve("a"), []);
  });

  it("says what it was told last", () => {
    const directory = createLiveDirectory({ a: ["tcp://h:1"], b: ["tcp://h:2"] });
    directory.replace({ b: ["tcp://h:3"], c: ["tcp://h:4"] });
    assert.deepEqual(tableOf(directory), { b: ["tcp://h:3"], c: ["tcp://h:4"] });
    assert.deepEqual(directory.table(), tableOf(directory));
  });

  it("gives the same array until the addresses change", () => {
    const directory = createLiveDirectory({ a: ["tcp://h:1"] });
    const before = directory.resolve("a");
    directory.replace({ a: ["tcp://h:1"], b: [] });
    assert.equal(directory.resolve("a"), before);
    directory.replace({ a: ["tcp://h:1", "tcp://h:2"] });
    assert.notEqual(directory.resolve("a"), before);
  });
});
