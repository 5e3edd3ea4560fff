import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { COMMANDS } from "./commands.ts";
import { printGuide } from "./print-guide.ts";

const GUIDE = new URL("../../../docs/guide/command.md", import.meta.url);

test("printGuide writes the guide that is in the docs", async () => {
  const page = printGuide(COMMANDS);
  if (process.env["ORRERY_WRITE"] === "1") await writeFile(GUIDE, page);
  const mend = "write it anew: ORRERY_WRITE=1 npm run test:unit -- packages/cli/src/print-guide.test.ts";
  assert.equal(await readFile(GUIDE, "utf8"), page, mend);
});
