import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openRecordFile } from "./system-record-file.ts";

describe("openRecordFile", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "records-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("keeps the last of what was written, amounts and all, for its user alone", async () => {
    const path = join(folder, "one.json");
    const store = openRecordFile<{ total: bigint; name: string }>(path);
    assert.equal(await store.read(), undefined);
    await Promise.all([1n, 2n, 10n ** 30n].map((total) => store.write({ total, name: "7n is no amount" })));
    assert.deepEqual(await openRecordFile(path).read(), { total: 10n ** 30n, name: "7n is no amount" });
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(folder), ["one.json"]);
  });

  it("has the record before where a crash left another half written", async () => {
    const path = join(folder, "two.json");
    await openRecordFile<object>(path).write({ total: 1n });
    await writeFile(`${path}.new`, '{"tot');
    assert.deepEqual(await openRecordFile(path).read(), { total: 1n });
    await openRecordFile<object>(path).write({ total: 2n });
    assert.deepEqual(await openRecordFile(path).read(), { total: 2n });
  });

  it("refuses what is no record, and a place that is none", async () => {
    const path = join(folder, "three.json");
    await writeFile(path, "{");
    await assert.rejects(openRecordFile(path).read(), { code: "data_loss", message: /^Cannot read ".*three\.json": / });
    const nowhere = openRecordFile<object>(join(folder, "none", "x.json"));
    await assert.rejects(nowhere.write({}), { code: "resource_exhausted", message: /^Cannot write ".*x\.json": / });
  });
});
