import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const BUILT = join(import.meta.dirname, "..", "packages", "mesh", "dist", "index.js");
const skip = existsSync(BUILT) ? false : "mesh is not built: run npm run build";

test("a node over ZeroMQ loads only our own files, and not crypto", { skip }, () => {
  const program = join(import.meta.dirname, "testing", "start-up.ts");
  const { stdout, stderr, status } = spawnSync(process.execPath, [program], {
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "" }, // No word of the test runner's makes it take the sources.
  });
  assert.deepEqual([stderr, status], ["", 0]);
  const { files, modules } = JSON.parse(stdout) as { files: readonly string[]; modules: readonly string[] };
  assert.ok(files.some((file) => file.endsWith("/packages/zmq/dist/index.js")));
  assert.deepEqual(
    files.filter((file) => !/\/packages\/(core|zmq|mesh)\/dist\/[^/]+\.js$/.test(file)),
    [],
  );
  assert.ok(modules.includes("net"));
  assert.deepEqual(
    modules.filter((name) => /^(internal\/)?crypto\b/.test(name)),
    [],
  );
});
