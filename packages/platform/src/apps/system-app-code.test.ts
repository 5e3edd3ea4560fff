import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { APP_CODE_KEPT } from "./limits.ts";
import { type AppCode, createAppCode } from "./system-app-code.ts";

let folder: string;
let nowMs = 1_800_000_000_000;
let running: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "orrery-code-"));
  running = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () => createAppCode({ folder, clock: { now: () => (nowMs += 1_000) }, used: () => running });
const nameOf = (version: number) => version.toString(16).padStart(64, "0");
const kept = () =>
  readdirSync(folder)
    .filter((name) => name.length === 64)
    .map((name) => Number.parseInt(name, 16))
    .sort((a, b) => a - b);

async function want(code: AppCode, app: string, version: number): Promise<string> {
  return await code.folderOf({ app, digest: `sha256:${nameOf(version)}` }, async (path) => {
    mkdirSync(join(path, "inner"), { recursive: true });
    writeFileSync(join(path, "code.ts"), `version ${version}`);
  });
}

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe("createAppCode", () => {
  it(`keeps ${APP_CODE_KEPT} versions beside the one that is wanted, and sweeps one past them`, async () => {
    const code = open();
    for (const version of upTo(APP_CODE_KEPT + 1)) await want(code, "a", version);
    assert.deepEqual(kept(), upTo(APP_CODE_KEPT + 1));
    await want(code, "a", APP_CODE_KEPT + 2);
    assert.deepEqual(kept(), upTo(APP_CODE_KEPT + 2, 2));
  });

  it("keeps what runs and what another app wants, however old, and what ran until lately", async () => {
    const code = open();
    running = [join(await want(code, "a", 1), "inner")];
    await want(code, "b", 2);
    const last = 3 + 2 * APP_CODE_KEPT;
    for (const version of upTo(last, 3)) await want(code, "a", version);
    assert.deepEqual(kept(), [1, 2, ...upTo(last, last - APP_CODE_KEPT)]);
    running = [];
    await want(code, "a", last + 1);
    assert.ok(kept().includes(1), "what ran when the last version came is not the oldest");
  });

  it("brings what was swept again when it is wanted again, and once what is there", async () => {
    const code = open();
    for (const version of upTo(APP_CODE_KEPT + 2)) await want(code, "a", version);
    assert.ok(!kept().includes(1));
    const again = await want(code, "a", 1);
    assert.equal(readFileSync(join(again, "code.ts"), "utf8"), "version 1");
    const path = await code.folderOf({ app: "b", digest: nameOf(1) }, () => Promise.reject(new Error("it is there")));
    assert.equal(path, again);
  });

  it("sweeps what only a forgotten app wanted", async () => {
    const code = open();
    const apps = upTo(APP_CODE_KEPT + 1);
    for (const version of apps) await want(code, `app-${version}`, version);
    for (const version of apps) code.forget(`app-${version}`);
    assert.deepEqual(kept(), upTo(APP_CODE_KEPT + 1, 2));
  });

  it("takes away what an earlier one left half-done, and nothing that is no code", () => {
    for (const name of [`${nameOf(1)}.0a1b.partial`, `${nameOf(2)}.gone`, "node_modules", nameOf(3)])
      mkdirSync(join(folder, name));
    open();
    assert.deepEqual(readdirSync(folder).sort(), [nameOf(3), "node_modules"].sort());
  });

  it("fails where a version cannot be unpacked", async () => {
    const code = open();
    const failing = code.folderOf({ app: "a", digest: nameOf(1) }, () => Promise.reject(new Error("it is torn")));
    await assert.rejects(failing, /it is torn/);
    assert.deepEqual(kept(), []);
  });
});
