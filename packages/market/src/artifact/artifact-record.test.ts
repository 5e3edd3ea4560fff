import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createSystemClock, createSystemRandom } from "@orrery/core";
import { createSealKey } from "../keys/system-seal-key.ts";
import type { ArtifactAbout } from "./artifact.ts";
import { openArtifact } from "./system-artifact.ts";
import { openArtifactRecord } from "./system-artifact-record.ts";
import { openWrap } from "./system-key-wrap.ts";

const clock = createSystemClock();
const random = createSystemRandom();
const SECRET: ArtifactAbout = { kind: "secret", app: "shop", name: "token" };
const IMAGE: ArtifactAbout = { kind: "image", app: "shop", name: `sha256:${"1".repeat(64)}` };
const read = (text: string) => async () => Buffer.from(text);

describe("openArtifactRecord", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "orrery-artifacts-"));
  });
  after(() => rm(folder, { recursive: true }));
  const own = createSealKey();
  const open = (name: string, key = own) =>
    openArtifactRecord({ path: join(folder, name, "artifacts.json"), key, clock, random });

  it("seals once what does not change, over commands and for each provider, with a key in plain nowhere", async () => {
    const record = open("one");
    assert.deepEqual(await record.list(), []);
    const first = await record.seal(SECRET, read("hunter2"));
    assert.equal(first.isNew, true);
    const again = await open("one").seal(SECRET, read("hunter2"));
    assert.deepEqual([again.isNew, again.kept.artifact], [false, first.kept.artifact]);
    assert.deepEqual(Buffer.from(await again.read()), Buffer.from(await first.read()), "and comes to the same bytes");
    const changed = await record.seal(SECRET, read("hunter3"));
    assert.notEqual(changed.kept.artifact, first.kept.artifact);
    const image = await record.seal(IMAGE, read("archive"));
    const known = await record.seal(IMAGE, () => assert.fail("an image is known by its digest"));
    assert.deepEqual([known.isNew, known.kept.artifact], [false, image.kept.artifact]);
    assert.equal((await record.list()).length, 3);

    const provider = createSealKey();
    const wrap = await record.grant(first.kept.artifact, {
      to: provider.sealTo,
      purpose: "run",
      who: "http://one.test",
    });
    const context = { artifact: first.kept.artifact, about: SECRET, purpose: "run" } as const;
    const key = await openWrap(wrap, { key: provider, context });
    const plain = await openArtifact(await again.read(), { key, about: SECRET, digest: first.kept.artifact });
    assert.equal(Buffer.from(plain).toString(), "hunter2");
    await record.addStore(first.kept.artifact, "http://one.test");
    await record.addStore(first.kept.artifact, "http://one.test");
    const kept = (await open("one").list())[0];
    assert.deepEqual(kept?.stores, ["http://one.test"]);
    assert.deepEqual(
      kept?.grants.map(({ to, who }) => [to, who]),
      [[provider.sealTo, "http://one.test"]],
    );

    const path = join(folder, "one", "artifacts.json");
    const text = await readFile(path, "utf8");
    for (const hidden of [Buffer.from(key).toString("hex"), Buffer.from(key).toString("base64"), "hunter"])
      assert.equal(text.includes(hidden), false);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it("gives what was revoked to nobody, and seals it under another key once that is said", async () => {
    const record = open("two");
    const { kept } = await record.seal(SECRET, read("hunter2"));
    const grant = { to: createSealKey().sealTo, purpose: "run", who: "http://two.test" } as const;
    await record.grant(kept.artifact, grant);
    await record.revoke(kept.artifact);
    await assert.rejects(record.grant(kept.artifact, grant), /was revoked at .*; "orrery key renew sha256:/);
    await assert.rejects(record.seal(SECRET, read("hunter2")), /was revoked at/, "a redeploy fails, too");
    assert.equal((await record.seal(SECRET, read("hunter3"))).isNew, true, "what has changed is another");
    await record.renew(kept.artifact);
    const anew = await record.seal(SECRET, read("hunter2"));
    assert.equal(anew.isNew, true);
    assert.notEqual(anew.kept.artifact, kept.artifact);
    await record.grant(anew.kept.artifact, grant);
    await assert.rejects(record.renew(anew.kept.artifact), /it is not revoked/);
    await assert.rejects(record.grant(kept.artifact, grant), /was revoked/, "the old key stays with nobody new");
    await assert.rejects(record.revoke(`sha256:${"0".repeat(64)}`), { code: "not_found" });
  });

  it("opens for its own wallet alone, and tells what is wrong with a file", async () => {
    const { kept } = await open("three").seal(SECRET, read("hunter2"));
    const stranger = open("three", createSealKey());
    const grant = { to: createSealKey().sealTo, purpose: "run", who: "x" } as const;
    await assert.rejects(stranger.grant(kept.artifact, grant), { code: "permission_denied" });
    const path = join(folder, "three", "artifacts.json");
    const closed = openArtifactRecord({ path, clock, random });
    assert.equal((await closed.list()).length, 1);
    await assert.rejects(closed.grant(kept.artifact, grant), /the wallet that it is of is not open/);
    const text = await readFile(path, "utf8");
    for (const [part, instead, why] of [
      ['"version": 1', '"version": 2', /it is of version 2, not 1; restore it/],
      ['"fingerprint": "', '"fingerprint": "x', /artifact 1 has no fingerprint/],
      [kept.artifact, `sha256:${"0".repeat(64)}`, /artifact 1 has the key of another/],
      [text, "[", /Cannot read the artifacts in/],
    ] as const) {
      await writeFile(path, text.replace(part, instead));
      await assert.rejects(open("three").list(), why);
    }
  });

  it("keeps what commands write at once", async () => {
    const names = ["a", "b", "c", "d"];
    await Promise.all(names.map((name) => open("four").seal({ ...SECRET, name }, read(name))));
    const found = (await open("four").list()).map(({ about }) => about.name);
    assert.deepEqual(found.sort(), names);
  });
});
