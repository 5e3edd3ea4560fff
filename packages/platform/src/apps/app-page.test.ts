import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { APP_SHAPE } from "./app-shape.ts";
import { parseAppFile } from "./parse-app-file.ts";

const page = readFileSync(new URL("../../../../docs/reference/app.md", import.meta.url), "utf8");
const blockOf = (language: string) =>
  new RegExp(`^\`\`\`${language}\n(Cannot.*?|components.*?)^\`\`\``, "gms").exec(page)?.[1] ?? "";

it("docs/reference/app.md shows a file that parses, and the errors that there are", () => {
  assert.equal(parseAppFile(blockOf("yaml"), { file: "orrery.yaml" }).components.length, 2);
  const wrong = "components:\n  greeter: { paht: greeter.ts, path: greeter.ts }\n";
  assert.throws(() => parseAppFile(wrong, { file: "orrery.yaml" }), {
    message: blockOf("text").trimEnd(),
  });
});

it("docs/reference/app.md has every key, and no other", () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, key]) => key);
  assert.deepEqual(rows.sort(), Object.keys(APP_SHAPE.fields).sort());
});
