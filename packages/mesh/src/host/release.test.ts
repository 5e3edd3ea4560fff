import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OrreryError } from "@orrery/core";
import { RELEASE_FILE_BYTES_MAX, RELEASE_FILES_MAX } from "./limits.ts";
import { assertRelease, changesOf, type Release, wantedVersions } from "./release.ts";

const sha256 = "a".repeat(64);
const whole: Release = { entry: "who.ts", files: [{ path: "who.ts", sha256, bytes: 3 }] };

describe("assertRelease", () => {
  it("takes what is whole, up to its limits", () => {
    assertRelease("who", whole);
    assertRelease("who", { ...whole, files: [{ path: "who.ts", sha256, bytes: RELEASE_FILE_BYTES_MAX }] });
  });

  const file = (path: string) => ({ path, sha256, bytes: 3 });
  const many = Array.from({ length: RELEASE_FILES_MAX + 1 }, (_, n) => file(`f${String(n).padStart(5, "0")}`));
  for (const [name, component, release, why] of [
    ["a name with a slash", "../who", whole, /a name has up to 48/],
    ["no files", "who", { ...whole, files: [] }, /it has 0 files/],
    ["too many files", "who", { ...whole, files: many }, /it has 2001 files/],
    ["a path that leads out", "who", { ...whole, files: [file("../who.ts")] }, /"\.\.\/who\.ts" is no path inside it/],
    ["an absolute path", "who", { ...whole, files: [file("/etc/who.ts")] }, /is no path inside it/],
    ["installed packages", "who", { ...whole, files: [file("node_modules/x.js")] }, /is no path inside it/],
    ["a path twice", "who", { ...whole, files: [file("who.ts"), file("who.ts")] }, /or is not in order/],
    ["no hash", "who", { ...whole, files: [{ path: "who.ts", sha256: "abc", bytes: 3 }] }, /has no SHA-256/],
    [
      "a file that is too large",
      "who",
      { ...whole, files: [{ path: "who.ts", sha256, bytes: RELEASE_FILE_BYTES_MAX + 1 }] },
      /the limit is 8388608/,
    ],
    [
      "an entry that is not there",
      "who",
      { ...whole, entry: "other.ts" },
      /its entry "other\.ts" is none of its files/,
    ],
  ] as const) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => assertRelease(component, release),
        (error) => error instanceof OrreryError && why.test(error.message),
      );
    });
  }
});

describe("wantedVersions", () => {
  const folder = new Map([["who", "f1"]]);
  for (const [name, applied, wanted] of [
    ["nothing that was applied", [], { who: "f1" }],
    ["what was applied over what the folder says", [["who", { version: "a1", over: "f1" }]], { who: "a1" }],
    ["the folder where it changed since", [["who", { version: "a1", over: "f0" }]], { who: "f1" }],
    ["what is only applied", [["shop", { version: "a1", over: "" }]], { shop: "a1", who: "f1" }],
    ["what the folder has now and had not", [["who", { version: "a1", over: "" }]], { who: "f1" }],
    ["what left the folder since", [["shop", { version: "a1", over: "f7" }]], { who: "f1" }],
    ["what was taken away", [["who", { version: "", over: "f1" }]], {}],
  ] as const) {
    it(`takes ${name}`, () => assert.deepEqual(Object.fromEntries(wantedVersions(folder, new Map(applied))), wanted));
  }
});

describe("changesOf", () => {
  it("tells what comes, changes and goes, and nothing of what stays", () => {
    const from = new Map([
      ["a", "1"],
      ["b", "1"],
      ["c", "1"],
    ]);
    const to = new Map([
      ["b", "1"],
      ["c", "2"],
      ["d", "1"],
    ]);
    assert.deepEqual(
      changesOf(from, to).map(({ component, kind }) => `${kind} ${component}`),
      ["remove a", "replace c", "add d"],
    );
  });
});
