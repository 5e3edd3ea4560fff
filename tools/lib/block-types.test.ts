import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { checkBlockTypes, type TypedBlock } from "./block-types.ts";
import { ROOT } from "./project.ts";

const FOLDER = ".orrery/docs-of-a-test";
after(() => rmSync(join(ROOT, FOLDER), { recursive: true, force: true }));

const named: TypedBlock = { page: "docs/a.md", line: 3, name: "x.ts", text: "export const x: number = 1;" };
const block = (text: string): TypedBlock => ({ page: "docs/a.md", line: 10, name: "line-10.ts", text });

test("checkBlockTypes accepts blocks that import each other and our packages", async () => {
  const good = block(
    'import { x } from "./x.ts";\nimport { CODES } from "@orrery/core";\nexport const y = x + CODES.length;',
  );
  assert.deepEqual(await checkBlockTypes([named, good], FOLDER), []);
});

test("checkBlockTypes refuses a wrong type at its line of the page", async () => {
  const bad = block('import { x } from "./x.ts";\nexport const y: string = x;');
  const findings = await checkBlockTypes([named, bad], FOLDER);
  assert.deepEqual(
    findings.map(({ file, line, what }) => [file, line, what.slice(0, 6)]),
    [["docs/a.md", 11, "TS2322"]],
  );
});

test("checkBlockTypes refuses a name that no package exports", async () => {
  const [finding] = await checkBlockTypes([block('import { nothingLikeThis } from "@orrery/core";')], FOLDER);
  assert.match(finding?.what ?? "", /no exported member/);
});
