import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCommand } from "../lib/command.ts";
import { ROOT } from "../lib/project.ts";

/** Runs Biome with the repository's rules over one file of a false package. */
async function styleOf(t: TestContext, text: string): Promise<{ code: number; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-style-"));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(join(ROOT, "biome.json"), join(folder, "biome.json"));
  mkdirSync(join(folder, "packages/a/src"), { recursive: true });
  writeFileSync(join(folder, "packages/a/package.json"), '{\n  "name": "a",\n  "type": "module"\n}\n');
  writeFileSync(join(folder, "packages/a/src/a.ts"), text);
  return runCommand([
    "biome",
    "check",
    "--error-on-warnings",
    "--colors=off",
    "--vcs-enabled=false",
    `--config-path=${folder}`,
    folder,
  ]);
}

const bad: readonly [text: string, rule: string][] = [
  ["export const a = 'x';\n", "format"],
  ["const a = 1;\nexport default a;\n", "noDefaultExport"],
  ["export enum A {\n  B = 1,\n}\n", "noEnum"],
  ['import { z } from "zod";\n\nexport const a = z;\n', "noUndeclaredDependencies"],
  ["export function a(): void {\n  const b = 1;\n}\n", "noUnusedVariables"],
  ["async function b(): Promise<void> {}\nexport function a(): void {\n  b();\n}\n", "noFloatingPromises"],
  ['import { ok } from "node:assert";\n\nexport const a = ok;\n', "useNodeAssertStrict"],
  [
    "export function a(b: unknown): void {\n  throw b as string;\n}\nexport function c(): void {\n  throw 1;\n}\n",
    "useThrowOnlyError",
  ],
];

for (const [text, rule] of bad) {
  test(`biome refuses by ${rule} ${JSON.stringify(text)}`, async (t) => {
    const { code, output } = await styleOf(t, text);
    assert.notEqual(code, 0);
    assert.match(output, new RegExp(`\\b${rule}\\b`));
  });
}

test("biome accepts a clean file", async (t) => {
  const { code, output } = await styleOf(
    t,
    'import { readFileSync } from "node:fs";\n\nexport const a = readFileSync;\n',
  );
  assert.equal(code, 0, output);
});
