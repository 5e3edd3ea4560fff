import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { BASE_KINDS } from "./base-kinds.ts";
import { KIND_SHAPE, PROPERTY_SHAPE } from "./kind-file-shape.ts";
import { parseKindFile } from "./parse-kind-file.ts";

const page = readFileSync(new URL("../../../../docs/reference/kinds.md", import.meta.url), "utf8");
const blockOf = (language: string) => new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "ms").exec(page)?.[1] ?? "";
const parse = (text: string) => parseKindFile(text, { file: "lamps.yaml", beside: BASE_KINDS });

describe("docs/reference/kinds.md", () => {
  it("shows a file that parses", () => {
    assert.deepEqual(
      parse(blockOf("yaml")).map(({ name }) => name),
      ["Job"],
    );
  });

  it("shows the errors that there are", () => {
    const wrong = `kinds:
  Lamp:
    summary: Shines
    parents: [Sapce]
    properties:
      hue: { schema: { type: strin } }
`;
    assert.throws(() => parse(wrong), { message: blockOf("text").trimEnd() });
  });

  it("has every key, and no other", () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, key]) => key);
    assert.deepEqual(rows, [...Object.keys(KIND_SHAPE.fields), ...Object.keys(PROPERTY_SHAPE.fields)]);
  });
});
