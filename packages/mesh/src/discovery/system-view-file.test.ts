import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createViewFile } from "./system-view-file.ts";

test("createViewFile keeps the last of several views for its user alone, and leaves nothing else", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "orrery-view-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "deep", "view.bin");
  const store = createViewFile(path);
  assert.equal(await store.read(), undefined);
  await Promise.all([1, 2, 3].map((value) => store.write(new Uint8Array(value).fill(value))));
  assert.deepEqual([...((await createViewFile(path).read()) ?? [])], [3, 3, 3]);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(join(folder, "deep")), ["view.bin"]);
});

test("createViewFile takes away the rights of a file that was left behind, and tells what it cannot read or write", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "orrery-view-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "view.bin");
  await writeFile(`${path}.new`, "left", { mode: 0o666 });
  await createViewFile(path).write(new Uint8Array([1]));
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await assert.rejects(createViewFile(folder).read(), { code: "EISDIR" });
  const broken = createViewFile(join(path, "below"));
  await assert.rejects(broken.write(new Uint8Array([1])), { code: "EEXIST" });
  await assert.rejects(broken.write(new Uint8Array([1])), { code: "EEXIST" });
});
