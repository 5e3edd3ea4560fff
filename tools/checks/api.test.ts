import assert from "node:assert/strict";
import { test } from "node:test";
import { apiDoors } from "../lib/api-report.ts";
import { parseManifest } from "../lib/project.ts";
import { apiFindings } from "./api.ts";

const text = JSON.stringify({
  name: "@orrery/a",
  exports: {
    ".": { types: "./dist/index.d.ts" },
    "./internal": { types: "./dist/internal.d.ts" },
    "./test/kit": { types: "./dist/test/kit.d.ts" },
  },
});
const doors = apiDoors(parseManifest({ path: "packages/a/package.json", text }));

test("apiDoors lists every export but the internal one", () => {
  assert.deepEqual(doors, [
    { folder: "packages/a", types: "./dist/index.d.ts", report: "packages/a/api/index.api.md" },
    { folder: "packages/a", types: "./dist/test/kit.d.ts", report: "packages/a/api/test-kit.api.md" },
  ]);
});

for (const door of doors.slice(0, 1)) {
  test("apiFindings accepts a report that is true", () => {
    assert.deepEqual(apiFindings({ door, changed: false, errors: [] }), []);
  });

  test("apiFindings names the command that mends a report", () => {
    const [finding] = apiFindings({ door, changed: true, errors: [] });
    assert.equal(finding?.file, "packages/a/api/index.api.md");
    assert.match(finding?.mend ?? "", /run "npm run api"/);
  });

  test("apiFindings passes on why the types could not be read", () => {
    assert.equal(apiFindings({ door, changed: true, errors: ["no such file"] })[0]?.mend, "no such file");
  });
}
