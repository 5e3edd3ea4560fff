import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createSystemRandom } from "@orrery/core";
import { type StartedTpm, startTpm } from "../testing/start-tpm.ts";
import type { EvidenceClaims, Measurement } from "./evidence.ts";
import { createPlainAttester } from "./plain-attester.ts";
import { measureBase } from "./system-measure-base.ts";
import { openPlainSealer } from "./system-plain-sealer.ts";
import { createSignatureChecks } from "./system-signatures.ts";
import { openTpmSealer } from "./system-tpm-sealer.ts";
import { verifyEvidence } from "./verify-evidence.ts";

const SECRET = Buffer.from("the keys of all sessions, longer than a TPM seals by itself. ".repeat(10));
const BASE: readonly Measurement[] = [
  { kind: "base", name: "orrery", digest: "1".repeat(64) },
  { kind: "base", name: "node", digest: "2".repeat(64) },
];
const OTHER: readonly Measurement[] = [{ kind: "base", name: "orrery", digest: "3".repeat(64) }];

describe("openTpmSealer", () => {
  let tpm: StartedTpm;
  before(async () => {
    tpm = await startTpm();
  });
  after(() => tpm[Symbol.asyncDispose]());

  it("opens after a restart of provider and machine what it sealed, and nothing with another base", async () => {
    const open = (base = BASE) => openTpmSealer({ tcti: tpm.tcti, folder: tpm.folder, base });
    const sealed = await (await open()).seal(SECRET, "sessions");
    assert.deepEqual(await (await open()).open(sealed, "sessions"), SECRET, "the provider started anew");
    await tpm.restart();
    const sealer = await open();
    assert.deepEqual(await sealer.open(sealed, "sessions"), SECRET, "the machine started anew");
    await assert.rejects(sealer.open(sealed, "others"), { code: "data_loss" });
    await assert.rejects(open(OTHER), /another base was measured since the machine started/);

    await tpm.restart();
    const changed = await open(OTHER);
    await assert.rejects(changed.open(sealed, "sessions"), /its key is of another base/);
    const names = (await readdir(tpm.folder)).filter((name) => name.endsWith(".priv"));
    assert.equal(names.length, 2, "each base has a key of its own");
    const id = sealed.slice(0, 16);
    const mine = names.find((name) => !name.includes(id))?.slice("sealer-".length, -".priv".length) ?? "";
    for (const end of ["pub", "priv"])
      await rename(join(tpm.folder, `sealer-${id}.${end}`), join(tpm.folder, `sealer-${mine}.${end}`));
    await assert.rejects(open(OTHER), /tpm2_unseal/, "the TPM itself gives the key of a base to no other");
  });

  it("leaves the key in plain in no file", async () => {
    const sealer = await openTpmSealer({ tcti: tpm.tcti, folder: join(tpm.folder, "own"), base: OTHER });
    assert.equal(sealer.kind, "tpm2");
    const files = await readdir(join(tpm.folder, "own"));
    assert.deepEqual(
      files.filter((name) => !/^sealer(-[0-9a-f]{16}\.(pub|priv)|\.ctx)$/.test(name)),
      [],
    );
  });
});

describe("openPlainSealer", () => {
  it("opens after a restart what it sealed, and says that it protects nothing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "orrery-sealer-"));
    try {
      const sealer = await openPlainSealer({ folder: join(folder, "a") });
      assert.equal(sealer.kind, "none");
      const sealed = await sealer.seal(SECRET, "sessions");
      assert.deepEqual(await (await openPlainSealer({ folder: join(folder, "a") })).open(sealed, "sessions"), SECRET);
      assert.equal((await stat(join(folder, "a", "sealer.key"))).mode & 0o777, 0o600);
      const other = await openPlainSealer({ folder: join(folder, "b") });
      await assert.rejects(other.open(sealed, "sessions"), /its key is not in .*, put it back/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("measureBase", () => {
  it("changes with each file, name and link, and with nothing else", async () => {
    const folder = await mkdtemp(join(tmpdir(), "orrery-base-"));
    try {
      const dist = join(folder, "dist");
      await mkdir(join(dist, "a"), { recursive: true });
      await writeFile(join(dist, "index.js"), "one");
      await writeFile(join(dist, "a", "b.js"), "two");
      await writeFile(join(folder, "provider.yaml"), "name: x");
      const measure = async () =>
        (await measureBase({ orrery: dist, config: join(folder, "provider.yaml") })).map(({ digest }) => digest);
      const first = await measure();
      await utimes(join(dist, "index.js"), 1, 1);
      assert.deepEqual(await measure(), first);
      const seen = new Set([first[0]]);
      const differs = async (what: string, change: () => Promise<unknown>) => {
        await change();
        const [orrery, config] = await measure();
        assert.equal(config, first[1]);
        assert.equal(seen.has(orrery), false, what);
        seen.add(orrery);
      };
      await differs("another byte", () => writeFile(join(dist, "a", "b.js"), "twO"));
      await differs("another name", () => rename(join(dist, "a", "b.js"), join(dist, "a", "c.js")));
      await differs("another folder", () => rename(join(dist, "a", "c.js"), join(dist, "c.js")));
      await differs("one more", () => writeFile(join(dist, "d.js"), ""));
      await differs("a link", () => symlink("index.js", join(dist, "e.js")));
      await assert.rejects(
        measureBase({ orrery: join(folder, "none") }),
        /Cannot measure ".*none" as "orrery" of the base/,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("createPlainAttester", () => {
  it("makes evidence that proves nothing, which is said, and which only a policy that names it takes", async () => {
    const claims: EvidenceClaims = {
      ...{ nonce: "n1", session: `0x${"5".repeat(40)}`, sealTo: "c".repeat(64) },
      ...{ manifest: `0x${"7".repeat(64)}`, images: [], madeAt: 1_000 },
    };
    const attester = createPlainAttester({ base: BASE, random: createSystemRandom() });
    const [evidence, again] = [await attester.attest(claims), await attester.attest({ ...claims, nonce: "n2" })];
    assert.deepEqual(again.measurements, evidence.measurements, "one pod is measured once");
    const look = (kinds: readonly ("tpm2" | "none")[], nonce = "n1") =>
      verifyEvidence(evidence, {
        policy: { kinds, issuers: [], base: { orrery: ["1".repeat(64)], node: ["2".repeat(64)] }, maxAgeS: 60 },
        expected: { nonce, manifest: claims.manifest, images: [] },
        ...{ nowS: 1_010, signatures: createSignatureChecks() },
      });
    assert.deepEqual([look(["none"]).isGood, look(["none"]).warnings.length], [true, 1]);
    assert.equal(look(["tpm2"]).isGood, false);
    assert.equal(look(["none"], "n2").isGood, false);
  });
});
