import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { BIND_SHAPE } from "./bind-shape.ts";
import { parseBind } from "./parse-bind.ts";

const read = (page: string) => readFileSync(new URL(`../../../../docs/${page}`, import.meta.url), "utf8");

function blocksOf(page: string, language: string): readonly string[] {
  return [...read(page).matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, text]) => text ?? "");
}

describe("the pages of binds", () => {
  it("docs/reference/bind.md shows binds that parse", () => {
    const blocks = blocksOf("reference/bind.md", "yaml");
    assert.ok(blocks.length > 0);
    for (const text of blocks) assert.ok(parseBind(text, { file: "bind.md", of: "demo.test" }).routes.length > 0);
  });

  it("docs/reference/bind.md shows the errors that there are", () => {
    const shown = blocksOf("reference/bind.md", "text").find((text) => text.startsWith("Cannot read")) ?? "";
    const parse = () => parseBind("routes:\n  - path: /\n    redirct: /x\n", { file: "routes.yaml" });
    assert.throws(parse, { message: shown.trimEnd() });
  });

  it("docs/reference/bind.md has every key, and no other", () => {
    const { routes } = BIND_SHAPE.fields;
    assert.ok(routes?.shape.kind === "list" && routes.shape.of.kind === "record");
    const rows = [...read("reference/bind.md").matchAll(/^\| `(\w+)` \|/gm)].map(([, key]) => key);
    assert.deepEqual(rows.sort(), Object.keys(routes.shape.of.fields).sort());
  });
});
