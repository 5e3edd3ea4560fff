import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { isOrreryError } from "@orrery/core";
import { openTestRegistry } from "./conformance/test-registry.ts";
import { createSecretBox, createSecretKey, dropOldKeys, openKeyFile, rotateKeyFile } from "./system-secret-box.ts";

const OPERATOR = { agent: "operator" };
const SAFE = {
  name: "Safe",
  summary: "Keeps a secret",
  parents: ["Space"],
  segments: ["name" as const],
  properties: { word: { summary: "The secret", schema: { type: "string" }, secret: true } },
};

function fails(code: string, text: string) {
  return (error: unknown) => isOrreryError(error) && error.code === code && error.message.includes(text);
}

describe("createSecretBox", () => {
  it("opens what it closed, where it belongs and nowhere else", () => {
    const box = createSecretBox([createSecretKey()]);
    const sealed = box.seal("hunter2", "a");
    assert.equal(box.open(sealed, "a"), "hunter2");
    assert.ok(!sealed.includes("hunter2") && sealed !== box.seal("hunter2", "a"));
    assert.throws(() => box.open(sealed, "b"), fails("data_loss", "it was changed, or is of another resource"));
    const [id, text = ""] = sealed.split(".");
    const bytes = Buffer.from(text, "base64");
    for (let at = 0; at < bytes.length; at++) {
      const bent = Buffer.from(bytes);
      bent[at] = (bent[at] ?? 0) ^ 1;
      assert.throws(() => box.open(`${id}.${bent.toString("base64")}`, "a"), fails("data_loss", "it was changed"));
    }
    assert.throws(
      () => createSecretBox([createSecretKey()]).open(sealed, "a"),
      fails("data_loss", "is not in the key file"),
    );
  });
});

describe("digests of a box", () => {
  it("tell whoever has the key whether a text is the same, and nobody else", () => {
    const key = createSecretKey();
    const box = createSecretBox([key]);
    const digest = box.digest("a");
    assert.equal(digest, box.digest("a"));
    assert.deepEqual([box.isDigestOf(digest, "a"), box.isDigestOf(digest, "b")], [true, false]);
    assert.notEqual(digest, createSecretBox([{ ...createSecretKey(), id: key.id }]).digest("a"));
    const later = createSecretBox([createSecretKey(), key]);
    assert.deepEqual([later.isDigestOf(digest, "a"), later.isDigestOf(digest, "b")], [true, false]);
    for (const untold of [digest, ""]) assert.ok(createSecretBox([createSecretKey()]).isDigestOf(untold, "b"));
  });

  it("stand for what was asked under a name, secrets included", async () => {
    await using registry = await openTestRegistry({ kinds: [SAFE] });
    await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
    const wish = { address: "demo.test:s", kind: "Safe", properties: { word: "hunter2" } };
    const named = { ...OPERATOR, requestId: "once" };
    await registry.create(wish, named);
    assert.equal((await registry.create(wish, named)).changed, false);
    const other = registry.create({ ...wish, properties: { word: "hunter3" } }, named);
    await assert.rejects(other, fails("already_exists", "another request of that name was done"));
    const kept = await registry.database.kysely.selectFrom("request").selectAll().execute();
    assert.ok(kept.length === 1 && !JSON.stringify(kept).includes("hunter2"), JSON.stringify(kept));
  });
});

describe("key files", () => {
  it("are for their owner alone, and are turned over without losing what was closed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "orrery-keys-"));
    try {
      const path = join(folder, "keys");
      const first = openKeyFile(path);
      assert.equal(statSync(path).mode & 0o777, 0o600);
      await using registry = await openTestRegistry({ secrets: createSecretBox(first), kinds: [SAFE] });
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      await registry.create({ address: "demo.test:s", kind: "Safe", properties: { word: "hunter2" } }, OPERATOR);
      const both = rotateKeyFile(path);
      assert.equal(both.length, 2);
      const { database } = registry;
      await using turning = await openTestRegistry({
        database,
        secrets: createSecretBox(openKeyFile(path)),
        kinds: [SAFE],
      });
      assert.equal(await turning.reseal(OPERATOR), 1);
      assert.equal(await turning.reseal(OPERATOR), 0);
      await assert.rejects(turning.reseal({ agent: "ann" }), fails("permission_denied", "only operators may"));
      dropOldKeys(path);
      const old = first[0]?.id ?? "";
      const kept = await database.kysely
        .selectFrom("resource")
        .select("body")
        .unionAll(database.kysely.selectFrom("change").select("body"))
        .execute();
      assert.ok(!JSON.stringify(kept).includes(`${old}.`) && !readFileSync(path, "utf8").includes(old));
      await using turned = await openTestRegistry({
        database,
        secrets: createSecretBox(openKeyFile(path)),
        kinds: [SAFE],
      });
      assert.equal(await turned.reveal({ address: "demo.test:s", property: "word" }, OPERATOR), "hunter2");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("are refused where others may read them, or where they hold no keys", () => {
    const folder = mkdtempSync(join(tmpdir(), "orrery-keys-"));
    try {
      const path = join(folder, "keys");
      openKeyFile(path);
      chmodSync(path, 0o640);
      assert.throws(() => openKeyFile(path), fails("failed_precondition", "others may read it, run chmod 600"));
      chmodSync(path, 0o600);
      writeFileSync(path, "rubbish\n");
      assert.throws(() => openKeyFile(path), fails("data_loss", "restore it from a copy"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
