import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { RELEASES_KEPT_MAX } from "./limits.ts";
import { createReleaseFolder, readReleases } from "./system-releases.ts";

function folderOf(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "orrery-releases-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const COMPONENT = 'import { defineComponent } from "@orrery/core"; export default defineComponent();';

describe("readReleases", () => {
  it("finds files and folders, with what they import, and leaves out tests, hidden files, packages and what has no script", (t) => {
    const folder = folderOf(t, {
      "src/shop.ts": `import { x } from "./shared.ts"; import "../gen/shop_pb.ts"; ${COMPONENT}`,
      "src/shared.ts": "export const x = 1;",
      "src/shop.test.ts": "",
      "src/prices/index.ts": COMPONENT,
      "src/prices/data/table.json": "[]",
      "src/prices/node_modules/x/index.js": "",
      "src/.hidden.ts": COMPONENT,
      "src/docs/readme.md": "",
      "gen/shop_pb.ts": "",
    });
    const found = readReleases(join(folder, "src")).map(({ name, release }) => {
      return [name, release.entry, release.files.map(({ path }) => path)];
    });
    assert.deepEqual(found, [
      ["prices", "prices", ["prices/data/table.json", "prices/index.ts"]],
      ["shop", "src/shop.ts", ["gen/shop_pb.ts", "src/shared.ts", "src/shop.ts"]],
    ]);
  });

  it("gives the same files the same name everywhere, and others another", (t) => {
    const [one, same, other] = [COMPONENT, COMPONENT, `${COMPONENT}//`].map((text) => folderOf(t, { "shop.ts": text }));
    const versionsOf = (folder = "") => readReleases(folder).map(({ version }) => version);
    assert.deepEqual(versionsOf(one), versionsOf(same));
    assert.notDeepEqual(versionsOf(one), versionsOf(other));
  });

  for (const [name, files, why] of [
    ["two components of one name", { "shop.ts": COMPONENT, "shop.js": COMPONENT }, /component "shop" is also at/],
    ["a name that cannot be", { "a shop.ts": COMPONENT }, /"a shop" is no name for a component/],
  ] as const) {
    it(`refuses ${name}`, (t) => assert.throws(() => readReleases(folderOf(t, files)), why));
  }
});

describe("createReleaseFolder", () => {
  it("keeps a version as it was when the folder has another, and takes one only whole", async (t) => {
    const folder = folderOf(t, { "shop.ts": COMPONENT });
    const releases = createReleaseFolder(folder, join(folder, ".orrery"));
    const first = (await releases.folder()).get("shop") ?? "";
    writeFileSync(join(folder, "shop.ts"), `${COMPONENT}//`);
    const second = (await releases.folder()).get("shop") ?? "";
    assert.notEqual(first, second);
    const { cwd, path } = releases.place(first);
    assert.equal(readFileSync(join(cwd, path), "utf8"), COMPONENT);

    const [sent] = readReleases(folderOf(t, { "shop.ts": `${COMPONENT}///` }));
    assert.ok(sent);
    assert.deepEqual(releases.missing(sent.release), [...sent.contents.keys()]);
    assert.throws(() => releases.keep(sent.release));
    for (const content of sent.contents.values()) releases.put(content);
    assert.equal(releases.keep(sent.release), sent.version);
    assert.deepEqual(releases.missing(sent.release), []);
    const lying = { ...sent.release, files: sent.release.files.map((file) => ({ ...file, bytes: 7 })) };
    assert.throws(() => releases.keep(lying), /is not what its hash says/);
    assert.equal(releases.has("../../etc"), false);

    const kept = new Set([first, second, sent.version]);
    for (let n = 0; n < RELEASES_KEPT_MAX + 3; n++) {
      writeFileSync(join(folder, "shop.ts"), `${COMPONENT}// ${n}`);
      await releases.folder();
    }
    const newest = [...(await releases.folder()).values()];
    releases.sweep(kept);
    assert.deepEqual([...kept, ...newest].map(releases.has), [true, true, true, true]);
    assert.equal(readdirSync(join(folder, ".orrery", "v")).length, kept.size + RELEASES_KEPT_MAX);
  });
});
