import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { COMMAND_MS, OUTPUT_LINES_MAX } from "./limits.ts";
import { MANIFEST_SHAPE, VARIABLE_TYPES } from "./manifest-shape.ts";
import { parseManifest } from "./parse-manifest.ts";

const guide = readFileSync(new URL("../../../../docs/guide/environment.md", import.meta.url), "utf8");

it("parseManifest reads the guide's example", () => {
  const [, text = ""] = /^```yaml\n(.*?)^```$/ms.exec(guide) ?? [];
  const { variables, checks, beforeStart, afterShutdown } = parseManifest(text, { file: "component.yaml" });
  assert.deepEqual([variables.length, checks.length, beforeStart.length, afterShutdown.length], [3, 1, 1, 1]);
});

it("MANIFEST_SHAPE has the names, types and numbers that the guide tells of", () => {
  const namesOf = (title: string) => {
    const [, table = ""] = guide.split(`## ${title}\n`);
    const cells = [...(table.split("\n## ")[0] ?? "").matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell = ""]) => cell);
    return cells.flatMap((cell) => [...cell.matchAll(/`([A-Za-z-]+)`/g)].map(([, name]) => name));
  };
  assert.deepEqual(namesOf("What it may say"), Object.keys(MANIFEST_SHAPE.fields));
  assert.deepEqual(namesOf("Variables").slice(1), [...VARIABLE_TYPES]);
  assert.ok(
    guide.includes(`for ${COMMAND_MS / 1000} s at most`) && guide.includes(`The last ${OUTPUT_LINES_MAX} lines`),
  );
});
