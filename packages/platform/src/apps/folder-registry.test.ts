import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readBytes } from "../web/blob-source.ts";
import { createFolderRegistry } from "./system-folder-registry.ts";

const root = mkdtempSync(join(tmpdir(), "orrery-folder-"));
after(() => rmSync(root, { recursive: true }));
mkdirSync(join(root, "app/.git"), { recursive: true });
for (const [path, text] of Object.entries({ "app/a.txt": "first", "app/.git/config": "no", "outside.txt": "no" }))
  writeFileSync(join(root, path), text);
symlinkSync(join(root, "outside.txt"), join(root, "app/link.txt"));
symlinkSync("a.txt", join(root, "app/near.txt"));

const AT = "localhost:app:1.0.0";
const BY = { agent: "operator" };
const { registry, blobs } = createFolderRegistry(new Map([[AT, join(root, "app")]]));

async function read(path: string, range?: { readonly offset: number; readonly length: number }): Promise<string> {
  const { state } = await registry.get(`${AT}:${path}`, BY);
  const digest = state["content"]?.digest ?? "";
  if (range === undefined) return new TextDecoder().decode(await readBytes(blobs, digest));
  const pieces: Uint8Array[] = [];
  for await (const piece of blobs.read(digest, range)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

test("createFolderRegistry shows files as they are at each moment, whole and in part", async () => {
  assert.equal(await read("/a.txt"), "first");
  writeFileSync(join(root, "app/a.txt"), "the second");
  assert.equal(await read("/a.txt"), "the second");
  assert.equal(await read("/near.txt"), "the second");
  assert.equal(await read("/a.txt", { offset: 4, length: 3 }), "sec");
  assert.equal(await read("/a.txt", { offset: 4, length: 0 }), "");
});

for (const path of ["/none.txt", "/link.txt", "/.git/config", "/"])
  test(`createFolderRegistry shows nothing at ${path}`, () =>
    assert.rejects(registry.get(`${AT}:${path}`, BY), /it is in no folder of an app/));

test("createFolderRegistry takes names of this machine for spaces, and knows no other bundle", async () => {
  for (const host of ["localhost", "app.localhost", "127.0.0.1", "demo.test"])
    assert.equal((await registry.get(host, BY)).kind, "Space");
  for (const host of ["stranger.com", "127.0.0.1.stranger.com", "test.com"])
    await assert.rejects(registry.get(host, BY), /it is in no folder/);
  await assert.rejects(registry.get("localhost:other:1.0.0:/a.txt", BY), /it is in no folder/);
});
