import assert from "node:assert/strict";
import { test } from "node:test";
import { contentTypeOf } from "./content-type.ts";

const CASES: readonly [name: string, type: string][] = [
  ["demo.test:files:/a/index.html", "text/html; charset=utf-8"],
  ["PHOTO.JPG", "image/jpeg"],
  ["a.tar.gz", "application/gzip"],
  ["favicon.ico", "image/vnd.microsoft.icon"],
  ["a.ts", "text/plain; charset=utf-8"],
  ["module.wasm", "application/wasm"],
  ["README", "application/octet-stream"],
  ["a.b/c", "application/octet-stream"],
  ["x.unheard-of", "application/octet-stream"],
  ["x.constructor", "application/octet-stream"],
  ["x.", "application/octet-stream"],
  ["", "application/octet-stream"],
];

for (const [name, type] of CASES)
  test(`contentTypeOf takes "${name}" for ${type}`, () => {
    assert.equal(contentTypeOf(name), type);
  });
